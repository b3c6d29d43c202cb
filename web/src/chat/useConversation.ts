import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, told, type Schemas } from "../api/client";
import { conversation } from "../api/queries";

type Message = Schemas["Message"];

/** A question that waits for its answer, or whose answer did not come. */
export interface Pending {
  content: string;
  error: unknown;
}

interface Options {
  botId: string;
  isDraft: boolean;
  conversationId: string | undefined;
  onStarted: (conversationId: string) => void;
}

/** One conversation with a bot: begun by the first question, and what was typed is never lost. */
export function useConversation({ botId, isDraft, conversationId, onStarted }: Options) {
  const queries = useQueryClient();
  const [pending, setPending] = useState<Pending>();
  const kept = useQuery({ ...conversation(conversationId ?? ""), enabled: Boolean(conversationId) });
  const asked = useMutation({
    mutationFn: async (content: string) => {
      const id = conversationId ?? (await begin(botId, isDraft));
      if (!conversationId) onStarted(id);
      await told(
        api().POST("/v1/conversations/{conversation_id}/messages", {
          params: { path: { conversation_id: id } },
          body: { content },
        }),
      );
      return id;
    },
    onMutate: (content) => setPending({ content, error: undefined }),
    onSuccess: async (id) => {
      await queries.invalidateQueries({ queryKey: ["conversations", id] });
      void queries.invalidateQueries({ queryKey: ["bots", botId, "conversations"] });
      setPending(undefined);
    },
    onError: (error, content) => setPending({ content, error }),
  });
  // openapi-fetch widens tuples to arrays.
  const messages = (kept.data?.messages ?? []) as unknown as Message[];
  return {
    messages,
    pending,
    isLoading: Boolean(conversationId) && kept.isPending,
    error: kept.error,
    ask: asked.mutate,
  };
}

async function begin(botId: string, isDraft: boolean): Promise<string> {
  const made = await told(
    api().POST("/v1/bots/{bot_id}/conversations", {
      params: { path: { bot_id: botId } },
      body: { draft: isDraft, title: "" },
    }),
  );
  return made.conversation_id;
}
