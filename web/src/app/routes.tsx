import { createBrowserRouter, Navigate } from "react-router";
import { Frame } from "./Frame";
import { RouteFailure } from "./RouteFailure";

export const routes = createBrowserRouter([
  { path: "/sign-in", lazy: async () => ({ Component: (await import("../pages/SignIn")).SignIn }) },
  { path: "/signed-in", lazy: async () => ({ Component: (await import("../pages/SignedIn")).SignedIn }) },
  {
    path: "/",
    Component: Frame,
    ErrorBoundary: RouteFailure,
    children: [
      { index: true, lazy: async () => ({ Component: (await import("../pages/Home")).Home }) },
      {
        path: "knowledge-bases/:kbId",
        lazy: async () => ({ Component: (await import("../pages/KnowledgeBase")).KnowledgeBase }),
      },
      {
        path: "knowledge-bases/:kbId/documents/:documentId",
        lazy: async () => ({ Component: (await import("../pages/Document")).Document }),
      },
      {
        path: "knowledge-bases/:kbId/documents/:documentId/cut",
        lazy: async () => ({ Component: (await import("../pages/Cut")).Cut }),
      },
      { path: "bots/:botId", lazy: async () => ({ Component: (await import("../pages/BotEditor")).BotEditor }) },
      {
        path: "bots/:botId/chat/:conversationId?",
        lazy: async () => ({ Component: (await import("../pages/Chat")).Chat }),
      },
      { path: "*", Component: () => <Navigate to="/" replace /> },
    ],
  },
]);
