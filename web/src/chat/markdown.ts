import type { Schemas } from "../api/client";

interface Words {
  sources: string;
  page: (page: number) => string;
}

/** A conversation as Markdown, each answer with the quotes that it rests on. */
export function asMarkdown(title: string, messages: readonly Schemas["Message"][], words: Words): string {
  const parts = messages.map((message) => {
    if (message.role === "user") return `## ${oneLine(message.content)}`;
    const citations = message.answer?.citations ?? [];
    const sources = citations.map((one) => {
      const page = one.page === null ? "" : `, ${words.page(one.page)}`;
      return `${one.n}. ${plain(one.filename)}${page}\n\n   > ${plain(oneLine(one.quote))}`;
    });
    const text = message.answer?.text ?? message.content;
    return sources.length ? `${text}\n\n**${words.sources}**\n\n${sources.join("\n\n")}` : text;
  });
  return [`# ${oneLine(title)}`, ...parts].join("\n\n") + "\n";
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** A name or quote that shall stand as it is and not become a picture, a link or a tag. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>!]/g, "\\$&");
}

/** Let the browser save a text as a file. */
export function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}

/** A file name made of a title: no separators, no control characters, not too long. */
export function fileName(title: string): string {
  const kept = title
    .replace(/[^\p{L}\p{N} _-]/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 80);
  return `${kept || "conversation"}.md`;
}
