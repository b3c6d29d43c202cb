/** The name, or the name with the first number behind it that is not taken. */
export function freeName(name: string, taken: readonly string[]): string {
  const known = new Set(taken.map((one) => one.toLowerCase()));
  if (!known.has(name.toLowerCase())) return name;
  for (let number = 2; ; number++) {
    const next = `${name} ${number}`;
    if (!known.has(next.toLowerCase())) return next;
  }
}

// Marks that turn the reading direction, invisible separators, tags, and halves of characters.
// A joiner (U+200C, U+200D) shapes letters and pictures and stays.
const INVISIBLE = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** A name as it is shown: what would act on the page, or hide, is drawn as a sign of its own. */
export function shownName(name: string): string {
  const shown = name
    .replace(CONTROL, (one) => {
      const code = one.charCodeAt(0);
      return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "␡" : "�";
    })
    .replace(INVISIBLE, "�");
  return shown.trim() || "–";
}

/** The last part of a path. */
export function leaf(path: string): string {
  return path.slice(path.lastIndexOf("/", path.length - 2) + 1) || path;
}
