import { useSyncExternalStore } from "react";
import { session } from "../auth/session";

/** Is anybody signed in? Follows sign-outs of other tabs. */
export function useSignedIn(): boolean {
  return useSyncExternalStore(session.subscribe, () => session.isSignedIn);
}
