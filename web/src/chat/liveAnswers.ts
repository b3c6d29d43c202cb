import type { QueryClient } from "@tanstack/react-query";
import { told, api, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { conversation } from "../api/queries";
import { connection } from "../sockets/connection";
import { begun, grown, type LiveAnswer } from "../sockets/liveAnswer";
import type { Down, Up } from "../sockets/messages";

const OPEN_WITHIN_MS = 8_000;
const LOOK_EVERY_MS = 2_000;

export const liveKey = (conversationId: string) => ["live-answers", conversationId] as const;

/** The answer that grows in a conversation, kept with it and not with the page. */
export function live(queries: QueryClient, conversationId: string): LiveAnswer | undefined {
  return queries.getQueryData<LiveAnswer | null>(liveKey(conversationId)) ?? undefined;
}

export function setLive(queries: QueryClient, conversationId: string, answer: LiveAnswer | undefined): void {
  queries.setQueryDefaults(liveKey(conversationId), { gcTime: Infinity });
  queries.setQueryData(liveKey(conversationId), answer ?? null);
}

/** Put a stored answer where the growing one stood. */
function keep(queries: QueryClient, conversationId: string, answer: LiveAnswer, message: Schemas["Message"]): void {
  queries.setQueryData(conversation(conversationId).queryKey, (old) => {
    if (!old) return old;
    // openapi-fetch widens tuples to arrays.
    const messages = (old.messages as unknown as Schemas["Message"][]).filter(
      (one) => !answer.replaces.includes(one.message_id) && one.message_id !== message.message_id,
    );
    const isKnown = messages.some((one) => one.message_id === answer.questionId);
    const question = {
      ...message,
      message_id: answer.questionId,
      role: "user",
      content: answer.question,
      answer: null,
    };
    const all = [...messages, ...(isKnown ? [] : [question]), message];
    return { ...old, messages: all as unknown as typeof old.messages };
  });
}

/** What a message changes in a conversation. */
function take(queries: QueryClient, conversationId: string, message: Down): void {
  const now = live(queries, conversationId);
  if (message.type === "answer.started" && message.conversation_id === conversationId) {
    setLive(queries, conversationId, begun(message));
    return;
  }
  if (!now) {
    // Begun before this page was opened: what is stored now is read.
    if (message.type === "answer.done" && message.conversation_id === conversationId)
      void queries.invalidateQueries({ queryKey: ["conversations", conversationId] });
    return;
  }
  const next = grown(now, message);
  if (next === now) return;
  if (message.type === "answer.done") {
    if (message.message) keep(queries, conversationId, now, message.message as unknown as Schemas["Message"]);
    setLive(queries, conversationId, undefined);
    void queries.invalidateQueries({ queryKey: ["conversations"] });
  } else setLive(queries, conversationId, next);
}

/** Follow what is answered in a conversation, whichever tab asked, until the returned function is called. */
export function follow(queries: QueryClient, conversationId: string, heard?: (message: Down) => void): () => void {
  const stop = connection.listen({
    hear: (message) => {
      take(queries, conversationId, message);
      heard?.(message);
    },
    opened: () => {
      const now = live(queries, conversationId);
      if (now?.state === "running")
        connection.tell({ action: "resume", ref: "", message_id: now.messageId, after: now.sequence });
      else connection.tell({ action: "subscribe", ref: "", conversation_id: conversationId });
    },
  });
  return () => {
    stop();
  };
}

/**
 * Have a question answered over the WebSocket.
 *
 * @returns false where there is no connection, before the question was taken: REST is the other way.
 * @throws ApiError what was refused, or why there is no answer.
 */
export async function answered(queries: QueryClient, conversationId: string, up: Up): Promise<boolean> {
  if (!(await connection.opened(OPEN_WITHIN_MS))) return false;
  let end: (outcome: boolean | ApiError) => void = () => undefined;
  const ended = new Promise<boolean | ApiError>((resolve) => {
    end = resolve;
  });
  let messageId = "";
  const stop = follow(queries, conversationId, (message) => {
    if (!("message_id" in message) || message.message_id !== messageId) return;
    if (message.type === "answer.done") end(true);
    if (message.type === "answer.failed") end(new ApiError(message.error.message, message.error.code, 502));
  });
  const look = setInterval(() => {
    if (messageId && !connection.isOpen) void isStored(conversationId, messageId).then((there) => there && end(true));
  }, LOOK_EVERY_MS);
  const unheard = connection.listen({
    hear: (message) => isBegun(message, conversationId) && (messageId = message.message_id),
  });
  try {
    await connection.ask(up);
    const outcome = await ended;
    if (outcome instanceof ApiError) throw outcome;
    return outcome;
  } catch (error) {
    if (error instanceof ApiError && error.isUnreachable) return false;
    throw error;
  } finally {
    clearInterval(look);
    unheard();
    stop();
    setLive(queries, conversationId, undefined);
  }
}

function isBegun(message: Down, conversationId: string): message is Extract<Down, { type: "answer.started" }> {
  return message.type === "answer.started" && message.conversation_id === conversationId;
}

/** Is an answer stored by now? False where nobody knows. */
async function isStored(conversationId: string, messageId: string): Promise<boolean> {
  try {
    const path = { conversation_id: conversationId };
    const found = await told(api().GET("/v1/conversations/{conversation_id}", { params: { path } }));
    return (found.messages as unknown as Schemas["Message"][]).some((one) => one.message_id === messageId);
  } catch {
    return false;
  }
}
