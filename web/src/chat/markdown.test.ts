import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { asMarkdown, fileName } from "./markdown";

const words = { sources: "Sources", page: (page: number) => `page ${page}` };
const citation = { n: 1, filename: "![x](y).pdf", page: 3, quote: "27 days\nof <leave>" };

test("a conversation becomes headings, answers and their quotes", () => {
  const messages = [
    { role: "user", content: "How many\ndays?" },
    { role: "assistant", content: "", answer: { text: "27 days. [1]", citations: [citation] } },
  ] as unknown as Schemas["Message"][];
  expect(asMarkdown("Leave", messages, words)).toBe(
    "# Leave\n\n## How many days?\n\n27 days. [1]\n\n**Sources**\n\n" +
      "1. \\!\\[x\\](y).pdf, page 3\n\n   > 27 days of \\<leave\\>\n",
  );
});

test.each([
  ["../../etc/passwd", "etc passwd.md"],
  ["\u202Egpj.exe\u0000", "gpj exe.md"],
  ["???", "conversation.md"],
  ["ä".repeat(200), `${"ä".repeat(80)}.md`],
])("%j becomes the file name %j", (title, name) => {
  expect(fileName(title)).toBe(name);
});
