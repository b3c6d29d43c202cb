import { skipToken, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, told, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { conversation } from "../api/queries";
import { connection } from "../sockets/connection";
import type { LiveAnswer } from "../sockets/liveAnswer";
import type { Up } from "../sockets/messages";
import { answered, follow, liveKey } from "./liveAnswers";

type Message = Schemas["Message"];

/** A question that waits for its answer, or whose answer did not come. */
export interface Pending {
  content: string;
  /** Sent with every try, so that a question whose answer was lost on the way is not asked twice. */
  key: string;
  /** How many messages the conversation had before. */
  after: number;
  /** The question that it takes the place of; its own where only the answer is made anew. */
  replaces?: { messageId: string; by: "edit" | "regenerate" } | undefined;
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
  const pending = useHeld(pendingKey(conversationId ?? unborn)) as Pending | undefined;
  const growing = useHeld(liveKey(conversationId ?? unborn)) as LiveAnswer | undefined;
  const kept = useQuery({ ...conversation(conversationId ?? ""), enabled: Boolean(conversationId) });
  useEffect(
    () => (conversationId ? follow(queries, conversationId) : connection.listen({ hear: () => undefined })),
    [queries, conversationId],
  );
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
        await send(queries, id, question);
        await queries.invalidateQueries({ queryKey: ["conversations", id] });
        keep(queries, id, null);
        void queries.invalidateQueries({ queryKey: ["bots", botId, "conversations"] });
      } catch (error) {
        keep(queries, id ?? unborn, { ...question, error });
      }
    },
  });
  const replaced = pending && !pending.error ? pending.replaces : undefined;
  // openapi-fetch widens tuples to arrays.
  const messages = shown((kept.data?.messages ?? []) as unknown as Message[], replaced);
  const { waiting, isStored } = leftOf(pending, messages);
  const running = growing?.state === "running" ? growing : undefined;
  return {
    messages,
    /** The last question, which alone can be edited and answered again. */
    question: messages.findLast((one) => one.role === "user"),
    pending: waiting,
    /** Is the question whose answer is awaited among the messages? */
    isAskedAbove: isStored || messages.some((one) => one.message_id === growing?.questionId),
    growing: running,
    isBusy: isBusy(running, waiting),
    isLoading: Boolean(conversationId) && kept.isPending && !waiting,
    error: kept.error,
    ask: (content: string) => asked.mutate({ content, key: crypto.randomUUID(), after: messages.length }),
    askAgain: () => pending && asked.mutate({ ...pending, error: undefined }),
    giveUp: () => keep(queries, conversationId ?? unborn, null),
    edit: (messageId: string, content: string) =>
      asked.mutate({ content, key: crypto.randomUUID(), after: 0, replaces: { messageId, by: "edit" } }),
    regenerate: (messageId: string, content: string) =>
      asked.mutate({ content, key: crypto.randomUUID(), after: 0, replaces: { messageId, by: "regenerate" } }),
    stop: () => growing && connection.tell({ action: "stop", ref: "", message_id: growing.messageId }),
  };
}

/** What is kept in the cache by this page alone. */
function useHeld(queryKey: readonly string[]): unknown {
  return useQuery({ queryKey, queryFn: skipToken, staleTime: Infinity }).data ?? undefined;
}

function isBusy(running: LiveAnswer | undefined, waiting: Pending | undefined): boolean {
  return Boolean(running) || Boolean(waiting && !waiting.error);
}

/**
 * What of a question is still waited for. A conversation that is read while REST answers holds the question already, and
 * perhaps the answer.
 */
function leftOf(pending: Pending | undefined, messages: readonly Message[]) {
  if (!pending || pending.replaces) return { waiting: pending, isStored: false };
  const [question, answer] = messages.slice(pending.after);
  const isStored = question?.role === "user" && question.content === pending.content.trim();
  return { waiting: isStored && answer ? undefined : pending, isStored };
}

/** The messages without those that something else is being made for. */
function shown(messages: readonly Message[], replaced: Pending["replaces"]): readonly Message[] {
  const at = replaced ? messages.findIndex((one) => one.message_id === replaced.messageId) : -1;
  if (at < 0) return messages;
  return messages.slice(0, replaced?.by === "regenerate" ? at + 1 : at);
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

function wanted(conversationId: string, question: Pending): Up {
  const [ref, where] = ["", { conversation_id: conversationId }];
  const words = { text: question.content, idempotency_key: question.key };
  if (question.replaces?.by === "regenerate") return { action: "regenerate", ref, ...where };
  if (question.replaces) return { action: "edit", ref, ...where, ...words, message_id: question.replaces.messageId };
  return { action: "ask", ref, ...where, ...words };
}

/** Ask over the WebSocket, and over REST where there is none; editing needs the former. */
async function send(queries: QueryClient, conversationId: string, question: Pending): Promise<void> {
  if (await answered(queries, conversationId, wanted(conversationId, question))) return;
  if (question.replaces) throw new ApiError("", "unreachable", 0);
  try {
    await told(
      api().POST("/v1/conversations/{conversation_id}/messages", {
        params: { path: { conversation_id: conversationId }, header: { "Idempotency-Key": question.key } },
        body: { content: question.content },
      }),
    );
  } catch (error) {
    // The answer of the lost connection came first: it is stored.
    if (!(error instanceof ApiError && error.code === "message_exists")) throw error;
  }
}
