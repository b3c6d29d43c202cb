import { createBrowserRouter } from "react-router";
import { Frame } from "./Frame";
import { NotFound } from "./NotFound";
import { Root } from "./Root";
import { RouteFailure } from "./RouteFailure";
import { Starting } from "./Starting";

export const routes = createBrowserRouter([
  {
    Component: Root,
    HydrateFallback: Starting,
    ErrorBoundary: RouteFailure,
    children: [
      {
        path: "/sign-in",
        handle: { title: "signIn.title" },
        lazy: async () => ({ Component: (await import("../pages/SignIn")).SignIn }),
      },
      {
        path: "/signed-in",
        handle: { title: "signIn.title" },
        lazy: async () => ({ Component: (await import("../pages/SignedIn")).SignedIn }),
      },
      {
        path: "/",
        Component: Frame,
        ErrorBoundary: RouteFailure,
        children: [
          {
            index: true,
            handle: { title: "home.title" },
            lazy: async () => ({ Component: (await import("../pages/Home")).Home }),
          },
          {
            path: "knowledge-bases/:kbId",
            handle: { title: "bases.title" },
            lazy: async () => ({ Component: (await import("../pages/KnowledgeBase")).KnowledgeBase }),
          },
          {
            path: "knowledge-bases/:kbId/documents/:documentId",
            handle: { title: "base.documents" },
            lazy: async () => ({ Component: (await import("../pages/Document")).Document }),
          },
          {
            path: "knowledge-bases/:kbId/documents/:documentId/cut",
            handle: { title: "base.documents" },
            lazy: async () => ({ Component: (await import("../pages/Cut")).Cut }),
          },
          {
            path: "bots/:botId",
            handle: { title: "bots.edit" },
            lazy: async () => ({ Component: (await import("../pages/BotEditor")).BotEditor }),
          },
          {
            path: "bots/:botId/usage",
            handle: { title: "usage.title" },
            lazy: async () => ({ Component: (await import("../pages/BotUsage")).BotUsage }),
          },
          {
            path: "bots/:botId/chat/:conversationId?",
            handle: { title: "bots.chat" },
            lazy: async () => ({ Component: (await import("../pages/Chat")).Chat }),
          },
          { path: "*", handle: { title: "notFound.title" }, Component: NotFound },
        ],
      },
    ],
  },
]);
