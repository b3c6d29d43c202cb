import i18next from "i18next";

const NEIGHBOUR = "unavailable";

/** What the platform says of a problem, in the person's language where it is known by its code. */
export function inWords(code: string, said: string): string {
  const known = (one: string) => i18next.getResource(i18next.language, "problems", one) as string | undefined;
  return known(code) ?? (code.endsWith(`_${NEIGHBOUR}`) ? known(NEIGHBOUR) : undefined) ?? said;
}
