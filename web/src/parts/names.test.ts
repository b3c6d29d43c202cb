import { describe, expect, it } from "vitest";
import { freeName, leaf, shownName } from "./names";

describe("a name that somebody else chose", () => {
  it("shows control characters instead of obeying them", () => {
    expect(shownName("a\u0000b\nc\u007f")).toBe("a␀b␊c␡");
  });
  it("cannot turn its ending around", () => {
    expect(shownName("annual\u202Efdp.exe")).toBe("annual�fdp.exe");
    expect(shownName("a\u2066b\u200Fc\u061Cd\u2028e\u{E0041}")).toBe("a�b�c�d�e�");
  });
  it("keeps every script, accent and picture as it is", () => {
    const name = "דוח שנתי – Übersicht 年次 👩‍👩‍👧.pdf";
    expect(shownName(name)).toBe(name);
  });
  it("shows lone halves of characters as broken, not the page as broken", () => {
    expect(shownName("a\uD800b")).toBe("a�b");
  });
  it("is never empty", () => {
    expect(shownName("")).toBe("–");
    expect(shownName("   ")).toBe("–");
  });
  it("is told without its folders where they stand beside it", () => {
    expect(leaf("hr/2026/leave.pdf")).toBe("leave.pdf");
    expect(leaf("leave.pdf")).toBe("leave.pdf");
    expect(leaf("odd/")).toBe("odd/");
  });
});

describe("a free name", () => {
  it("gets the first number that nobody has, whatever the case", () => {
    expect(freeName("Leave", ["leave", "Leave 2"])).toBe("Leave 3");
    expect(freeName("Leave", [])).toBe("Leave");
  });
});
