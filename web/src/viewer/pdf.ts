import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";

GlobalWorkerOptions.workerSrc = workerUrl;

export type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";
export { TextLayer } from "pdfjs-dist/legacy/build/pdf.mjs";

/** More than any screen shows of a page, and less than what a browser refuses: pixels of one canvas. */
export const MOST_PIXELS = 12_000_000;

export interface OpenPdf {
  document: Promise<PDFDocumentProxy>;
  /** Stop loading and free what it holds. */
  close: () => void;
}

/**
 * Open a PDF from an address, page by page where the server sends ranges.
 *
 * Nothing in it runs: scripts, forms and links belong to layers of pdf.js that are not drawn here.
 *
 * @param told is told the bytes that came and, where it is known, how many there are.
 */
export function openPdf(url: string, told: (loaded: number, total: number) => void): OpenPdf {
  const task = getDocument({
    url,
    // The policy of the pages forbids WebAssembly; the decoders in plain script take its place.
    useWasm: false,
    wasmUrl: "/pdf/wasm/",
    cMapUrl: "/pdf/cmaps/",
    standardFontDataUrl: "/pdf/standard_fonts/",
    disableAutoFetch: true,
    // One request takes the whole file where the bucket's answer does not say that it sends ranges.
    disableStream: false,
    maxImageSize: 64_000_000,
    enableXfa: false,
    verbosity: 0,
  });
  task.onProgress = ({ loaded, total }: { loaded: number; total: number }) => told(loaded, total || 0);
  return { document: task.promise, close: () => void task.destroy() };
}
