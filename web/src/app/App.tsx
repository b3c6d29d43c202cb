import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "react-router";
import { ApiError } from "../api/errors";
import { session } from "../auth/session";
import { routes } from "./routes";
import { readable, theme } from "./theme";

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
        <ModalsProvider>
          <Notifications position="bottom-right" limit={3} />
          <RouterProvider router={routes} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
