/** Where a quote stands in a text, as offsets of the text: first character and one past the last. */
export interface Span {
  start: number;
  end: number;
}

const IGNORED = /[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

interface Folded {
  text: string;
  /** For every character of `text`, where it stood. */
  from: number[];
}

/** Fold what two readings of the same page disagree in: white space, soft hyphens, ligatures, case, quotation marks. */
function folded(text: string): Folded {
  let out = "";
  const from: number[] = [];
  for (let at = 0; at < text.length;) {
    const size = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    const piece = text.slice(at, at + size);
    if (!IGNORED.test(piece)) {
      const plain = piece
        .normalize("NFKC")
        .toLowerCase()
        .replace(/[‘’‚‛′]/g, "'")
        .replace(/[“”„‟″«»]/g, '"')
        .replace(/[‐‑‒–—−]/g, "-")
        .replace(/\s/g, "");
      out += plain;
      for (let n = 0; n < plain.length; n++) from.push(at);
    }
    at += size;
  }
  return { text: out, from };
}

/**
 * Find a quote in a text that another reader extracted, or the longest beginning of it that is there.
 *
 * A hyphen at the end of a line may be in only one of the two; a quote may go on over the end of the page.
 *
 * @returns the span, or undefined where not even its first 24 characters (or all, if shorter) are in the text.
 */
export function locate(text: string, quote: string): Span | undefined {
  const page = folded(text);
  const wanted = folded(quote).text;
  if (!wanted) return undefined;
  const least = Math.min(24, wanted.length);
  const [whole, bare] = [page, without(page)];
  return find(whole, wanted, least) ?? find(bare, wanted.replaceAll("-", ""), least);
}

function without(page: Folded): Folded {
  const kept = page.from.map((_, at) => at).filter((at) => page.text[at] !== "-");
  return { text: kept.map((at) => page.text[at]).join(""), from: kept.map((at) => page.from[at] ?? 0) };
}

function find(page: Folded, wanted: string, least: number): Span | undefined {
  if (wanted.length < least) least = wanted.length;
  if (least === 0) return undefined;
  const at = page.text.indexOf(wanted.slice(0, least));
  if (at < 0) return undefined;
  let best = { at, length: 0 };
  for (let place = at; place >= 0; place = page.text.indexOf(wanted.slice(0, least), place + 1)) {
    let length = least;
    while (length < wanted.length && page.text[place + length] === wanted[length]) length++;
    if (length > best.length) best = { at: place, length };
    if (length === wanted.length) break;
  }
  return { start: page.from[best.at] ?? 0, end: (page.from[best.at + best.length - 1] ?? 0) + 1 };
}
