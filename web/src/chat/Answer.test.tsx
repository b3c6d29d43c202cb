import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { startTexts } from "../i18n/texts";
import { Answer, withCitations } from "./Answer";

const citation = (n: number) => ({ n }) as Parameters<typeof Answer>[0]["citations"][number];

beforeAll(async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() }));
  await startTexts();
});
afterEach(cleanup);

function draw(text: string, citations = [citation(1)], onCite = vi.fn()) {
  return render(
    <MantineProvider>
      <Answer text={text} citations={citations} onCite={onCite} />
    </MantineProvider>,
  );
}

test("a citation that exists becomes a button, one that does not stays text", () => {
  const onCite = vi.fn();
  draw("Yes [1], no [7].", [citation(1)], onCite);
  fireEvent.click(screen.getByRole("button"));
  expect(onCite).toHaveBeenCalledWith(1);
  expect(screen.getByText(/\[7\]/)).toBeTruthy();
});

test("numbers in brackets inside code stay code", () => {
  expect(withCitations("`a[1]` and ```\nb[1]\n``` but [1]", [citation(1)])).toBe(
    "`a[1]` and ```\nb[1]\n``` but [1](citation:1)",
  );
});

test.each([
  ["an open fence", "```\nb[1]\n"],
  ["tildes", "~~~\nb[1]\n~~~\n"],
])("numbers in brackets inside %s stay code", (_, text) => {
  expect(withCitations(text, [citation(1)])).toBe(text);
});

test("a long rule is a rule, and the citation after it a button", () => {
  const { container } = draw("-".repeat(80) + "\n\nYes [1].");
  expect(container.querySelector("hr")).not.toBeNull();
  expect(screen.getByRole("button")).toBeTruthy();
});

test.each([
  ["![x](https://evil.example/a.png)", "img"],
  ["![x][y]\n\n[y]: https://evil.example/a.png", "img"],
  ["<script>alert(1)</script>", "script"],
  ["<iframe src='https://evil.example'></iframe>", "iframe"],
  ["<form action='https://evil.example'><input></form>", "form,input"],
  ["<style>*{display:none}</style>", ".answer style"],
])("%s leaves no element that runs or fetches", (text, selector) => {
  const { container } = draw(text);
  expect(container.querySelector(selector)).toBeNull();
});

test.each(["javascript:alert(1)", "data:text/html,x", "vbscript:x", "JaVaScRiPt:alert(1)"])(
  "a link to %s is no link",
  (address) => {
    const { container } = draw(`[click](${address})`);
    expect(container.querySelector("a[href]")).toBeNull();
  },
);

test("a link shows the host it leads to", () => {
  draw("[our bank](https://evil.example/login)");
  expect(screen.getByText("(evil.example)")).toBeTruthy();
});

test("nesting too deep to draw is shown as text, and quickly", () => {
  const { container } = draw(">".repeat(5_000) + " deep");
  expect(container.querySelector("blockquote")).toBeNull();
  expect(container.textContent).toContain("deep");
});
