import { skipToken, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { api, told, type Schemas } from "../api/client";
import { conversation } from "../api/queries";

type Message = Schemas["Message"];

/** A question that waits for its answer, or whose answer did not come. */
export interface Pending {
  content: string;
  /** Sent with every try, so that a question whose answer was lost on the way is not asked twice. */
  key: string;
  error?: unknown;
}

interface Options {
  botId: string;
  isDraft: boolean;
  conversationId: string | undefined;
  onStarted: (conversationId: string) => void;
}

const pendingKey = (where: string) => ["pending-questions", where] as const;

/** Keep what waits with the conversation and not with the page: the first question changes the page's address. */
function keep(queries: QueryClient, where: string, pending: Pending | null): void {
  queries.setQueryDefaults(pendingKey(where), { gcTime: Infinity });
  queries.setQueryData(pendingKey(where), pending);
}

/** One conversation with a bot: begun by the first question, and what was typed is never lost. */
export function useConversation({ botId, isDraft, conversationId, onStarted }: Options) {
  const queries = useQueryClient();
  const unborn = `${botId}/${isDraft ? "draft" : "published"}`;
  const pending = useQuery<Pending | null>({
    queryKey: pendingKey(conversationId ?? unborn),
    queryFn: skipToken,
    staleTime: Infinity,
  }).data;
  const kept = useQuery({ ...conversation(conversationId ?? ""), enabled: Boolean(conversationId) });
  const asked = useMutation({
    mutationFn: async (question: Pending) => {
      let id = conversationId;
      try {
        keep(queries, id ?? unborn, question);
        if (!id) {
          id = await begin(botId, isDraft);
          keep(queries, id, question);
          keep(queries, unborn, null);
          onStarted(id);
        }
        await send(id, question);
        await queries.invalidateQueries({ queryKey: ["conversations", id] });
        keep(queries, id, null);
        void queries.invalidateQueries({ queryKey: ["bots", botId, "conversations"] });
      } catch (error) {
        keep(queries, id ?? unborn, { ...question, error });
      }
    },
  });
  // openapi-fetch widens tuples to arrays.
  const messages = (kept.data?.messages ?? []) as unknown as Message[];
  return {
    messages,
    pending: pending ?? undefined,
    isLoading: Boolean(conversationId) && kept.isPending && !pending,
    error: kept.error,
    ask: (content: string) => asked.mutate({ content, key: crypto.randomUUID() }),
    askAgain: () => pending && asked.mutate({ content: pending.content, key: pending.key }),
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

async function send(conversationId: string, question: Pending): Promise<void> {
  await told(
    api().POST("/v1/conversations/{conversation_id}/messages", {
      params: { path: { conversation_id: conversationId }, header: { "Idempotency-Key": question.key } },
      body: { content: question.content },
    }),
  );
}
