import i18next from "i18next";
import { describe, expect, it } from "vitest";
import { inWords } from "./problem";
import { speak, startTexts } from "./texts";

describe("a problem", () => {
  it("is told in the platform's own words, and in German by its code", async () => {
    await startTexts();
    expect(inWords("too_many_pages", "It has 9,000 pages.")).toBe("It has 9,000 pages.");
    await speak("de");
    expect(inWords("too_many_pages", "It has 9,000 pages.")).toContain("zu viele Seiten");
    expect(inWords("index_unavailable", "The index is down.")).toContain("von selbst");
    expect(inWords("another", "Said.")).toBe("Said.");
    await i18next.changeLanguage("en");
    expect(inWords("too_many_pages", "It has 9,000 pages.")).toBe("It has 9,000 pages.");
  });
});
