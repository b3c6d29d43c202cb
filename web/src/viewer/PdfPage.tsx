import { Button, Center, Loader, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Region } from "./boxes";
import { MOST_PIXELS, TextLayer, type PDFDocumentProxy } from "./pdf";
import { locate } from "./quote";

interface Props {
  pdf: PDFDocumentProxy;
  number: number;
  width: number;
  /** Height through width, as far as it is known. */
  ratio: number;
  /** Where the quote stands on this page, if the API told it. */
  regions: readonly Region[];
  /** Words to look for where it did not. */
  quote: string;
  /** Regions of other kinds to be drawn over the page. */
  drawing?: React.ReactNode;
  onShape: (number: number, ratio: number) => void;
  /** Told once the page is drawn: how far down the quote stands, undefined where it is not on this page. */
  onDrawn: (number: number, quoteTop: number | undefined) => void;
  onReload: () => void;
}

/** One page: its picture, its words to select, and over both what is highlighted. */
export function PdfPage(props: Props) {
  const { pdf, number, width, ratio, regions, quote, drawing } = props;
  const { t } = useTranslation();
  const picture = useRef<HTMLCanvasElement>(null);
  const words = useRef<HTMLDivElement>(null);
  const told = useRef(props);
  const [found, setFound] = useState<readonly Region[]>([]);
  const [state, setState] = useState<"drawing" | "drawn" | "failed">("drawing");
  useEffect(() => {
    told.current = props;
  });
  useEffect(() => {
    const [canvas, layer] = [picture.current, words.current];
    if (!canvas || !layer) return;
    return draw({ pdf, number, width, canvas, layer }, (news) => {
      if (news.ratio) told.current.onShape(number, news.ratio);
      if (news.failed) setState("failed");
      if (!news.isDrawn) return;
      setState("drawn");
      const { regions: given, quote: wanted } = told.current;
      const marked = given.length > 0 || !wanted ? [] : quoted(layer, wanted, number);
      setFound(marked);
      told.current.onDrawn(number, [...given, ...marked].map((one) => one.top).sort((a, b) => a - b)[0]);
    });
  }, [pdf, number, width]);
  return (
    <div
      className="pdf-page"
      style={{ width, height: width * ratio }}
      role="group"
      aria-label={t("viewer.pageOf", { page: number, count: pdf.numPages })}
    >
      <canvas ref={picture} aria-hidden />
      <div ref={words} className="pdf-text" />
      {(regions.length > 0 ? regions : quote ? found : []).map((region, index) => (
        <div key={index} className="region region-quote" data-testid="quote" style={placed(region)} />
      ))}
      {drawing}
      {state === "drawing" && (
        <Center pos="absolute" inset={0}>
          <Loader size="sm" aria-hidden />
        </Center>
      )}
      {state === "failed" && (
        <Center pos="absolute" inset={0} p="md" role="alert">
          <Stack align="center" gap="xs">
            <Text size="sm" c="black">
              {t("viewer.pageFailed")}
            </Text>
            <Button size="xs" onClick={props.onReload}>
              {t("unreachable.again")}
            </Button>
          </Stack>
        </Center>
      )}
    </div>
  );
}

/** The style that puts a region over its page. */
export function placed({ left, top, right, bottom }: Region): React.CSSProperties {
  const share = (value: number) => `${100 * value}%`;
  return { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) };
}

interface Drawn {
  pdf: PDFDocumentProxy;
  number: number;
  width: number;
  canvas: HTMLCanvasElement;
  layer: HTMLDivElement;
}

/** Draw a page; returns what stops it and frees its memory. */
function draw(
  { pdf, number, width, canvas, layer }: Drawn,
  tell: (news: { ratio?: number; isDrawn?: boolean; failed?: boolean }) => void,
): () => void {
  const stop = new AbortController();
  void (async () => {
    try {
      const page = await pdf.getPage(number);
      if (stop.signal.aborted) return;
      const natural = page.getViewport({ scale: 1 });
      tell({ ratio: natural.height / natural.width });
      const scale = width / natural.width;
      const most = Math.sqrt(MOST_PIXELS / (natural.width * natural.height)) / scale;
      const sharpness = Math.min(window.devicePixelRatio || 1, most);
      const viewport = page.getViewport({ scale: scale * sharpness });
      canvas.width = Math.round(viewport.width);
      canvas.height = Math.round(viewport.height);
      const task = page.render({ canvas, viewport });
      stop.signal.addEventListener("abort", () => task.cancel());
      await task.promise;
      layer.replaceChildren();
      layer.style.setProperty("--total-scale-factor", String(scale));
      const text = new TextLayer({
        textContentSource: page.streamTextContent({ includeMarkedContent: false }),
        container: layer,
        viewport: page.getViewport({ scale }),
      });
      stop.signal.addEventListener("abort", () => text.cancel());
      await text.render();
      tell({ isDrawn: true });
    } catch {
      if (!stop.signal.aborted) tell({ failed: true });
    }
  })();
  return () => {
    stop.abort();
    canvas.width = canvas.height = 0;
    layer.replaceChildren();
  };
}

/** Where a quote stands by the words laid over the page, one region a line. */
function quoted(layer: HTMLElement, quote: string, page: number): Region[] {
  const nodes: { node: Text; start: number }[] = [];
  const walker = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT);
  let text = "";
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    nodes.push({ node, start: text.length });
    text += `${node.data}\n`;
  }
  const span = locate(text, quote);
  if (!span) return [];
  const frame = layer.getBoundingClientRect();
  return nodes.flatMap(({ node, start }) => {
    const [from, to] = [Math.max(span.start - start, 0), Math.min(span.end - start, node.length)];
    if (from >= to) return [];
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    const box = range.getBoundingClientRect();
    const across = (value: number) => (value - frame.left) / frame.width;
    const down = (value: number) => (value - frame.top) / frame.height;
    return [{ page, left: across(box.left), right: across(box.right), top: down(box.top), bottom: down(box.bottom) }];
  });
}
