import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { RouterProvider } from "react-router";
import { ApiError } from "../api/errors";
import { session } from "../auth/session";
import { onHurry } from "./confirm";
import { routes } from "./routes";
import { readable, theme } from "./theme";

const Overlays = lazy(() => import("./Overlays"));
const FIRST_SCREEN_MS = 1_000;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the API refuses stays refused; what did not answer may answer in a moment.
      retry: (count, error) =>
        count < 3 && (!(error instanceof ApiError) || error.isUnreachable || error.status >= 500),
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 8_000),
      staleTime: 5_000,
    },
  },
});

// Whoever signs in next, in this tab or another, sees nothing of who was signed in before.
session.subscribe(() => {
  if (!session.isSignedIn) queries.clear();
});

/** The whole dashboard. */
export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={readable} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <RouterProvider router={routes} />
        <LaterOverlays />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Load what is shown above the page once the page itself stands: nothing of it is needed before. */
function LaterOverlays() {
  const [isTime, setIsTime] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsTime(true), FIRST_SCREEN_MS);
    onHurry(() => setIsTime(true));
    return () => clearTimeout(timer);
  }, []);
  return isTime ? (
    <Suspense fallback={null}>
      <Overlays />
    </Suspense>
  ) : null;
}
