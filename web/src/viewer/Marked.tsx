import { locate } from "./quote";

/** Text with a quote in it highlighted. */
export function Marked({ text, quote }: { text: string; quote: string }) {
  const span = quote ? locate(text, quote) : undefined;
  if (!span) return text;
  return (
    <>
      {text.slice(0, span.start)}
      <mark className="quote">{text.slice(span.start, span.end)}</mark>
      {text.slice(span.end)}
    </>
  );
}
