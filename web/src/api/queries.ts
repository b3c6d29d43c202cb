import { queryOptions } from "@tanstack/react-query";
import { api, everything, told, type Schemas } from "./client";

type Status = Schemas["Document"]["status"];

const AT_REST: readonly Status[] = ["READY", "FAILED", "DELETED"];

/** Will nothing more happen to the document by itself? */
export function isAtRest(document: Schemas["Document"]): boolean {
  return AT_REST.includes(document.status);
}

export const me = () =>
  queryOptions({ queryKey: ["me"], queryFn: ({ signal }) => told(api().GET("/v1/me", { signal })), staleTime: 60_000 });

export const bots = () =>
  queryOptions({
    queryKey: ["bots"],
    queryFn: ({ signal }) =>
      everything((cursor) => told(api().GET("/v1/bots", { params: { query: { cursor, limit: 100 } }, signal }))),
  });

export const bot = (botId: string) =>
  queryOptions({
    queryKey: ["bots", botId],
    queryFn: ({ signal }) => told(api().GET("/v1/bots/{bot_id}", { params: { path: { bot_id: botId } }, signal })),
  });

export const knowledgeBases = () =>
  queryOptions({
    queryKey: ["knowledge-bases"],
    queryFn: ({ signal }) =>
      everything((cursor) =>
        told(api().GET("/v1/knowledge-bases", { params: { query: { cursor, limit: 100 } }, signal })),
      ),
  });

export const knowledgeBase = (kbId: string) =>
  queryOptions({
    queryKey: ["knowledge-bases", kbId],
    queryFn: ({ signal }) =>
      told(api().GET("/v1/knowledge-bases/{kb_id}", { params: { path: { kb_id: kbId } }, signal })),
  });

export const conversation = (conversationId: string) =>
  queryOptions({
    queryKey: ["conversations", conversationId],
    queryFn: ({ signal }) =>
      told(
        api().GET("/v1/conversations/{conversation_id}", {
          params: { path: { conversation_id: conversationId } },
          signal,
        }),
      ),
  });
