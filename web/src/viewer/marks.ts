import { locate } from "./quote";
import type { Block, Stretch } from "./queries";

/** What of a text is highlighted: from a character to before another. */
export type Mark = readonly [start: number, end: number];

/** What of a stretch is highlighted: by block, and in tables by row. */
export interface Marks {
  texts: ReadonlyMap<Block, Mark>;
  rows: ReadonlySet<Block["rows"][number]>;
}

const NONE: Marks = { texts: new Map(), rows: new Set() };

/**
 * Find a quote in a stretch of a document.
 *
 * It may run over several blocks. A row of a table is quoted in other words ("column: value"), so it is found by the
 * character at which the quote's boxes begin, or by holding every value that the quote names.
 */
export function marksOf(stretch: Stretch, quote: string, starts: readonly number[]): Marks {
  if (!quote) return NONE;
  const texts = stretch.blocks.filter((block) => block.text);
  let whole = "";
  const begins = texts.map((block) => {
    const at = whole.length;
    whole += `${block.text}\n`;
    return at;
  });
  const span = locate(whole, quote);
  const marks = new Map<Block, Mark>();
  if (span)
    texts.forEach((block, index) => {
      const begin = begins[index] ?? 0;
      const [from, to] = [Math.max(0, span.start - begin), Math.min(block.text.length, span.end - begin)];
      if (from < to) marks.set(block, [from, to]);
    });
  const rows = stretch.blocks.flatMap((block) => block.rows).filter((row) => isQuoted(row, quote, starts));
  return { texts: marks, rows: new Set(marks.size > 0 ? [] : rows) };
}

function isQuoted(row: Block["rows"][number], quote: string, starts: readonly number[]): boolean {
  if (starts.some((start) => start >= row.start && start < row.end)) return true;
  const cells = row.cells.filter((cell) => cell.trim());
  return cells.length > 1 && cells.every((cell) => locate(quote, cell));
}

/** Does a stretch hold a quote, or a part of it? */
export function holds(stretch: Stretch, quote: string, starts: readonly number[]): boolean {
  const { texts, rows } = marksOf(stretch, quote, starts);
  return texts.size > 0 || rows.size > 0;
}
