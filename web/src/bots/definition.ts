import type { Schemas } from "../api/client";

export type Definition = Schemas["BotDefinition"];
export type Field = keyof Definition;

/** What the API takes at most, in characters and items. */
export const MOST = {
  name: 100,
  description: 1_000,
  instructions: 8_000,
  unsure: 1_000,
  bases: 20,
  starters: 10,
} as const;

export const TONES = ["", "friendly", "formal", "brief", "detailed"] as const;
export const PICTURES = ["💬", "📘", "🧭", "🛠️", "🏥", "⚖️", "🎓", "🧾", "🌍", "🔬", "🏠", "🚀"] as const;

/** The field that is wrong, as a key of the texts; nothing where all is well. */
export function wrongIn(form: Definition): Partial<Record<Field, "nameMissing" | "basesMissing">> {
  return {
    ...(form.name.trim() ? {} : { name: "nameMissing" as const }),
    ...(form.kb_ids.length ? {} : { kb_ids: "basesMissing" as const }),
  };
}

/** Are two definitions the same, field by field? */
export function isSame(one: Definition, other: Definition): boolean {
  return changed(one, other).length === 0;
}

/** The fields in which two definitions differ. */
export function changed(one: Definition, other: Definition): Field[] {
  const fields = Object.keys({ ...one, ...other }) as Field[];
  return fields.filter((field) => JSON.stringify(one[field]) !== JSON.stringify(other[field]));
}
