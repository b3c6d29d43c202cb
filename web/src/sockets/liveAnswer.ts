import type { Down, Of } from "./messages";

/** An answer while it grows. */
export interface LiveAnswer {
  messageId: string;
  questionId: string;
  question: string;
  /** Messages that the conversation shows no more once this answer is there. */
  replaces: readonly string[];
  text: string;
  /** The number of the last piece that is in the text. */
  sequence: number;
  /** Pieces that came before the one they follow. */
  early: Readonly<Record<number, string>>;
  state: "running" | "done" | "failed";
  error?: Of<"answer.failed">["error"];
}

/** The answer that begins with a message, from nothing: pieces of an earlier try are void. */
export function begun(message: Of<"answer.started">): LiveAnswer {
  return {
    messageId: message.message_id,
    questionId: message.question_id,
    question: message.question,
    replaces: message.replaces,
    text: "",
    sequence: 0,
    early: {},
    state: "running",
  };
}

/** The answer after one more message: every piece once and in order, whatever came twice, late or early. */
export function grown(answer: LiveAnswer, message: Down): LiveAnswer {
  if (!("message_id" in message) || message.message_id !== answer.messageId) return answer;
  switch (message.type) {
    case "answer.started":
      return begun(message);
    case "answer.piece":
      return answer.state === "running" ? withPiece(answer, message) : answer;
    case "answer.done":
      return { ...answer, text: message.message?.content ?? answer.text, early: {}, state: "done" };
    case "answer.failed":
      return { ...answer, early: {}, state: "failed", error: message.error };
    default:
      return answer;
  }
}

function withPiece(answer: LiveAnswer, piece: Of<"answer.piece">): LiveAnswer {
  if (piece.sequence <= answer.sequence) return answer;
  const early: Record<number, string> = { ...answer.early, [piece.sequence]: piece.text };
  let { text, sequence } = answer;
  for (let next = early[sequence + 1]; next !== undefined; next = early[sequence + 1]) {
    text += next;
    sequence += 1;
  }
  const left = Object.entries(early).filter(([number]) => Number(number) > sequence);
  return { ...answer, text, sequence, early: Object.fromEntries(left) };
}
