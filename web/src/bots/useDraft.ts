import { useEffect, useState } from "react";
import { isSame, type Definition } from "./definition";

interface Kept {
  /** What the draft was when the person began to change it. */
  from: Definition;
  form: Definition;
}

function kept(key: string): Kept | undefined {
  try {
    const found = JSON.parse(sessionStorage.getItem(key) ?? "null") as Partial<Kept> | null;
    return found?.form && found.from ? (found as Kept) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The form of a bot: what is typed outlives a reload and an expired sign-in, and does not win silently over a draft that
 * was saved elsewhere in between: then both are offered.
 */
export function useDraft(botId: string, saved: Definition) {
  const key = `strata.bot.${botId}`;
  const [{ from, form }, setKept] = useState<Kept>(() => kept(key) ?? { from: saved, form: saved });
  const isChanged = !isSame(form, from);
  const wasSavedElsewhere = !isSame(from, saved) && !isSame(form, saved);
  if (!isSame(from, saved) && (!isChanged || isSame(form, saved))) setKept({ from: saved, form: saved });
  useEffect(() => {
    if (isChanged) sessionStorage.setItem(key, JSON.stringify({ from, form }));
    else sessionStorage.removeItem(key);
  }, [key, from, form, isChanged]);
  return {
    form,
    isChanged: isChanged && !isSame(form, saved),
    /** Somebody else, or this person in another tab, saved the draft while this form was being changed. */
    isOvertaken: isChanged && wasSavedElsewhere,
    set: (news: Partial<Definition>) => setKept((old) => ({ ...old, form: { ...old.form, ...news } })),
    /** Go on with what is typed here. */
    keepMine: () => setKept((old) => ({ from: saved, form: old.form })),
    /** Go on with what is saved. */
    takeSaved: (now: Definition = saved) => setKept({ from: now, form: now }),
  };
}
