/** Neighbouring passages get colours that differ in hue and, for eyes that see no hue, in the order of their edges. */
export const COLOURS = ["blue", "orange", "teal", "grape", "yellow"] as const;

const CHARACTERS_PER_WORD = 6;

/** About how many words a number of characters is, rounded as people would say it. */
export function wordsIn(characters: number): number {
  const words = characters / CHARACTERS_PER_WORD;
  const step = words < 20 ? 1 : words < 200 ? 10 : 50;
  return characters > 0 ? Math.max(1, Math.round(words / step) * step) : 0;
}
