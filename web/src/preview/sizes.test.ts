import { expect, it } from "vitest";
import { wordsIn } from "./sizes";

it("tells sizes in words as people would round them", () => {
  expect([0, 3, 60, 300, 1_230, 9_999].map(wordsIn)).toEqual([0, 1, 10, 50, 200, 1650]);
});
