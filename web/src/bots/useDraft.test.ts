import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Definition } from "./definition";
import { useDraft } from "./useDraft";

const saved: Definition = {
  name: "Desk",
  description: "",
  instructions: "",
  kb_ids: ["kb_1"],
  starter_questions: [],
  picture: "",
  tone: "",
  unsure_text: "",
  filters: {} as Definition["filters"],
};

beforeEach(() => sessionStorage.clear());

test("what is typed outlives a reload", () => {
  const first = renderHook(() => useDraft("b", saved));
  act(() => first.result.current.set({ name: "Help desk" }));
  first.unmount();
  const { result } = renderHook(() => useDraft("b", saved));
  expect(result.current.form.name).toBe("Help desk");
  expect([result.current.isChanged, result.current.isOvertaken]).toEqual([true, false]);
});

test("a draft that was saved elsewhere is not overwritten silently", () => {
  const { result, rerender } = renderHook(({ now }) => useDraft("b", now), { initialProps: { now: saved } });
  act(() => result.current.set({ name: "Mine" }));
  rerender({ now: { ...saved, name: "Theirs" } });
  expect([result.current.form.name, result.current.isOvertaken]).toEqual(["Mine", true]);
  act(() => result.current.keepMine());
  expect([result.current.form.name, result.current.isOvertaken, result.current.isChanged]).toEqual([
    "Mine",
    false,
    true,
  ]);
  act(() => result.current.takeSaved());
  expect([result.current.form.name, result.current.isChanged]).toEqual(["Theirs", false]);
});

test("a form that nobody changed follows what is saved", () => {
  const { result, rerender } = renderHook(({ now }) => useDraft("b", now), { initialProps: { now: saved } });
  rerender({ now: { ...saved, name: "Theirs" } });
  expect([result.current.form.name, result.current.isOvertaken]).toEqual(["Theirs", false]);
});

test("a saved form is not changed any more, and what an older page left in the storage is no form", () => {
  sessionStorage.setItem("strata.bot.b", '{"name": "old"}');
  const { result, rerender } = renderHook(({ now }) => useDraft("b", now), { initialProps: { now: saved } });
  expect(result.current.form.name).toBe("Desk");
  act(() => result.current.set({ name: "Help desk" }));
  rerender({ now: { ...saved, name: "Help desk" } });
  expect([result.current.isChanged, result.current.isOvertaken]).toEqual([false, false]);
  expect(sessionStorage.length).toBe(0);
});
