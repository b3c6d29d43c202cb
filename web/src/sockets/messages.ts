import type { components } from "./schema";

type Messages = components["schemas"];

/** What goes up: an `action`. */
export type Up = Messages["Up"];
/** The server sends every field, also those with a default. */
type Whole<T> = T extends unknown ? Required<T> : never;
/** What comes down: a `type`. Types that this page does not know are passed over. */
export type Down = Whole<Messages["Down"]>;
export type Of<T extends Down["type"]> = Extract<Down, { type: T }>;

const KNOWN: ReadonlySet<string> = new Set<Down["type"]>([
  "answer.started",
  "answer.piece",
  "answer.done",
  "answer.failed",
  "document.changed",
  "done",
  "refused",
]);

/** Read a message; nothing where it is none of ours. */
export function readMessage(data: unknown): Down | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const found = JSON.parse(data) as { type?: string } | null;
    return found?.type && KNOWN.has(found.type) ? (found as Down) : undefined;
  } catch {
    return undefined;
  }
}
