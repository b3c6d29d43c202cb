import type { Document } from "./useDocuments";
import { isAtRest } from "../api/queries";
import { shownName } from "../parts/names";

export const STATES = ["ALL", "MOVING", "READY", "FAILED"] as const;
export type ShownState = (typeof STATES)[number];

/** Is the document of the state that people filter by? */
export function isOf(document: Document, state: ShownState): boolean {
  if (state === "ALL") return true;
  return state === "MOVING" ? !isAtRest(document) : document.status === state;
}

/** How many documents there are of each state. */
export function countStates(rows: readonly Document[]): Record<ShownState, number> {
  const counts = { ALL: rows.length, MOVING: 0, READY: 0, FAILED: 0 };
  for (const row of rows) {
    if (row.status === "READY" || row.status === "FAILED") counts[row.status]++;
    else counts.MOVING++;
  }
  return counts;
}

/** The documents of a state whose name, folder or tags hold every word. */
export function filtered(rows: readonly Document[], state: ShownState, words: string): Document[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (!isOf(row, state)) return false;
    if (wanted.length === 0) return true;
    const text = [shownName(row.filename), row.folder, ...row.tags].join("\n").toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
