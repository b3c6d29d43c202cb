import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";

import { useEffect } from "react";
import { ready } from "./confirm";

/** Where questions and notices are shown above every page. */
export default function Overlays() {
  useEffect(ready, []); // after the provider's own effects, by which it listens
  return (
    <ModalsProvider>
      <Notifications position="bottom-right" limit={3} />
    </ModalsProvider>
  );
}
