import { Outlet } from "react-router";
import { PageTitle } from "./PageTitle";

/** Every page, signed in or not. */
export function Root() {
  return (
    <>
      <PageTitle />
      <Outlet />
    </>
  );
}
