import { describe, expect, it } from "vitest";
import { joinLines, regionsOf } from "./boxes";
import { holds } from "./marks";
import { locate } from "./quote";

const shown = (text: string, quote: string) => {
  const span = locate(text, quote);
  return span && text.slice(span.start, span.end);
};

describe("a quote in another reader's text", () => {
  it("is found over line ends, soft hyphens, ligatures and other quotation marks", () => {
    expect(shown("The eﬃcient\n“oﬃce” of to­day.", 'efficient "office" of today')).toBe("eﬃcient\n“oﬃce” of to­day");
  });
  it("is found where a hyphen divides a word at the end of a line", () => {
    expect(shown("Leave is grant-\ned for thirty days in all cases.", "Leave is granted for thirty days")).toBe(
      "Leave is grant-\ned for thirty days",
    );
  });
  it("is found where it begins, when its end is on the next page", () => {
    const text = "Nothing. A sentence that begins here and";
    expect(shown(text, "A sentence that begins here and goes on over there")).toBe("A sentence that begins here and");
  });
  it("prefers the place that holds more of it", () => {
    const text = "the same beginning of a line ends. the same beginning of a line goes on.";
    expect(locate(text, "the same beginning of a line goes on")?.start).toBe(35);
  });
  it("is not found where it is not, and nothing is found for no quote", () => {
    expect(locate("Some text", "Other text that is not there at all")).toBeUndefined();
    expect(locate("Some text", "  ")).toBeUndefined();
  });
  it("counts characters outside the first plane as the page does", () => {
    expect(shown("𝒜𝒷 wörter 👍 da", "Wörter 👍 da")).toBe("wörter 👍 da");
  });
});

describe("boxes", () => {
  it("without an area or a page are left out, and sides stay on the page", () => {
    expect(regionsOf([[0, 1, 0.1, 0.1, 0.1, 0.2], [0, 0, 0, 0, 1, 1], [], [5, 2, -1, 0.5, 3, 0.6]])).toEqual([
      { page: 2, left: 0, top: 0.5, right: 1, bottom: 0.6 },
    ]);
  });
  it("of one line are joined, those of other lines and columns are not", () => {
    const line = (left: number, right: number, top: number, page = 1) => [0, page, left, top, right, top + 0.02];
    expect(
      joinLines(regionsOf([line(0.1, 0.2, 0.1), line(0.21, 0.4, 0.101), line(0.1, 0.4, 0.13), line(0.6, 0.9, 0.13)])),
    ).toHaveLength(3);
  });
});

describe("a stretch of a document", () => {
  const row = { cells: ["Lamp", "49.90"], start: 40, end: 60 };
  const stretch = {
    blocks: [
      { text: "Opens at 7:30 and", rows: [] },
      { text: "closes at 19:00.", rows: [] },
      { text: "", rows: [row] },
    ],
  } as never;
  it("holds a quote over two blocks, and a row that is quoted in other words or by its place", () => {
    expect(holds(stretch, "Opens at 7:30 and closes at 19:00.", [])).toBe(true);
    expect(holds(stretch, "Product: Lamp | Price: 49.90", [])).toBe(true);
    expect(holds(stretch, "Anything", [45])).toBe(true);
  });
  it("does not hold what stands elsewhere", () => {
    expect(holds(stretch, "The canteen is closed on Sundays and holidays.", [])).toBe(false);
    expect(holds(stretch, "Product: Chair | Price: 120.00", [90])).toBe(false);
    expect(holds(stretch, "", [])).toBe(false);
  });
});
