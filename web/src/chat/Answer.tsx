import { Anchor, Text, Typography } from "@mantine/core";
import Markdown, { type Components } from "react-markdown";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";

type Citation = Schemas["Citation"];

const LONGEST = 100_000;
const DEEPEST = 60;

// An answer is a stranger's text: no pictures (a picture is a request to whoever the answer names), no forms, no frames.
const allowed = {
  ...defaultSchema,
  tagNames: (defaultSchema.tagNames ?? []).filter((name) => !["img", "picture", "source", "input"].includes(name)),
  protocols: { href: ["https", "http", "mailto", "citation"] },
};

// Fenced code, to the end of the text where the fence is still open; code spans; and, outside of them, `[2]`.
const CODE_OR_CITATION =
  /^ {0,3}(?:```|~~~)[^]*?(?:^ {0,3}(?:```|~~~)|$(?![^]))|```[^]*?```|`[^`\n]*`|\[(\d{1,3})\](?!\()/gm;

/** Turn `[2]` into a link that opens the second citation, outside of code. */
export function withCitations(text: string, citations: readonly Citation[]): string {
  const known = new Set(citations.map((one) => one.n));
  return text.replace(CODE_OR_CITATION, (all: string, n: string | undefined) =>
    n !== undefined && known.has(Number(n)) ? `[${n}](citation:${n})` : all,
  );
}

/** Is the text nested so deeply that drawing it would break the page? */
function isTooDeep(text: string): boolean {
  return text
    .split("\n")
    .some((line) => (/^(?:\s*(?:>|[*+-](?=\s)))+/.exec(line)?.[0].replace(/\s/g, "").length ?? 0) > DEEPEST);
}

interface Props {
  text: string;
  citations: readonly Citation[];
  onCite: (n: number) => void;
}

/** An answer, drawn safely, with its citations as small numbers. */
export function Answer({ text, citations, onCite }: Props) {
  const shown = text.slice(0, LONGEST);
  if (isTooDeep(shown))
    return (
      <Text style={{ whiteSpace: "pre-wrap" }} className="wrap-anywhere">
        {shown}
      </Text>
    );
  const components: Components = {
    a: ({ href = "", children }) => {
      if (!href) return <span>{children}</span>;
      return href.startsWith("citation:") ? (
        <CitationButton n={Number(href.slice(9))} onCite={onCite} />
      ) : (
        <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow">
          {children} <span>({hostOf(href)})</span>
        </Anchor>
      );
    },
  };
  return (
    <Typography className="wrap-anywhere">
      <Markdown
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[[rehypeSanitize, allowed]]}
        urlTransform={(url) => url}
        components={components}
      >
        {withCitations(shown, citations)}
      </Markdown>
    </Typography>
  );
}

function CitationButton({ n, onCite }: { n: number; onCite: (n: number) => void }) {
  const { t } = useTranslation();
  return (
    <Anchor
      component="button"
      type="button"
      fz="xs"
      px={4}
      fw={700}
      style={{ verticalAlign: "super" }}
      aria-label={t("chat.openSource", { n })}
      onClick={() => onCite(n)}
    >
      {n}
    </Anchor>
  );
}

function hostOf(href: string): string {
  try {
    return new URL(href).host || href;
  } catch {
    return href;
  }
}
