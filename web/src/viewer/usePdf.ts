import { useEffect, useState } from "react";
import { openPdf, type PDFDocumentProxy } from "./pdf";

export type PdfState =
  | { kind: "loading"; loaded: number; total: number }
  | { kind: "open"; pdf: PDFDocumentProxy; ratio: number }
  | { kind: "failed"; why: "password" | "damaged" | "unreachable" };

const LOADING: PdfState = { kind: "loading", loaded: 0, total: 0 };

/** Open a PDF for as long as the component shows it. */
export function usePdf(url: string): PdfState {
  const [known, setKnown] = useState<{ url: string; state: PdfState }>({ url, state: LOADING });
  useEffect(() => {
    let isOver = false;
    const set = (state: PdfState) => {
      if (!isOver) setKnown({ url, state });
    };
    const opened = openPdf(url, (loaded, total) =>
      setKnown((old) =>
        isOver || old.state.kind === "open" ? old : { url, state: { kind: "loading", loaded, total } },
      ),
    );
    opened.document
      .then(
        async (pdf) => {
          const first = (await pdf.getPage(1)).getViewport({ scale: 1 });
          set({ kind: "open", pdf, ratio: first.height / first.width });
        },
        (error: unknown) => set({ kind: "failed", why: reason(error) }),
      )
      .catch(() => set({ kind: "failed", why: "damaged" }));
    return () => {
      isOver = true;
      opened.close();
    };
  }, [url]);
  return known.url === url ? known.state : LOADING;
}

/** pdf.js tells its failures by their names. */
function reason(error: unknown): "password" | "damaged" | "unreachable" {
  const name = error instanceof Error ? error.name : "";
  if (name === "PasswordException") return "password";
  return name === "InvalidPDFException" || name === "FormatError" ? "damaged" : "unreachable";
}

const SEARCHED_PAGES = 200;

/** The page that holds a quote whose page nobody told, looked for from the first page on. */
export async function pageOf(
  pdf: PDFDocumentProxy,
  holds: (text: string) => boolean,
  stop: AbortSignal,
): Promise<number | undefined> {
  for (let number = 1; number <= Math.min(pdf.numPages, SEARCHED_PAGES) && !stop.aborted; number++) {
    const content = await (await pdf.getPage(number)).getTextContent();
    if (holds(content.items.map((item) => ("str" in item ? item.str : "")).join("\n"))) return number;
  }
  return undefined;
}
