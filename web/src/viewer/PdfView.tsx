import "./viewer.css";

import { Alert, Box as Area, Center, Progress, Stack, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { bytes } from "../parts/format";
import { joinLines, regionsOf } from "./boxes";
import type { PDFDocumentProxy } from "./pdf";
import { PdfPage } from "./PdfPage";
import { locate } from "./quote";
import type { Box } from "./SourceView";
import { nextZoom, Toolbar } from "./Toolbar";
import { pageOf, usePdf } from "./usePdf";

interface Props {
  url: string;
  page: number | null | undefined;
  quote: string;
  boxes: readonly Box[];
  onPage?: ((page: number) => void) | undefined;
  /** The address is too old or failed: get a new one. */
  onReload: () => void;
  /** What else to draw over a page. */
  drawing?: (page: number) => ReactNode;
}

/** A PDF, of which only the pages on the screen are drawn, opened at its quote. */
export function PdfView(props: Props) {
  const { t } = useTranslation();
  const state = usePdf(props.url);
  if (state.kind === "open") return <Pages {...props} pdf={state.pdf} ratio={state.ratio} />;
  if (state.kind === "failed")
    return (
      <Alert color="orange" role="alert" m="md">
        {t(`viewer.failed.${state.why}`)}
      </Alert>
    );
  const { loaded, total } = state;
  return (
    <Center h="100%" mih={200}>
      <Stack w={240} gap="xs" aria-busy>
        <Progress value={total ? (100 * loaded) / total : 100} animated={!total} aria-label={t("viewer.loading")} />
        <Text size="sm" c="dimmed" ta="center">
          {total ? `${bytes(loaded)} / ${bytes(total)}` : t("viewer.loading")}
        </Text>
      </Stack>
    </Center>
  );
}

const GAP = 12;
const WIDEST = 1_000;

function Pages(props: Props & { pdf: PDFDocumentProxy; ratio: number }) {
  const { pdf, ratio, quote, boxes, drawing, onReload, onPage } = props;
  const { t } = useTranslation();
  const { ref: frame, width: room } = useElementSize();
  const scroller = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const [ratios, setRatios] = useState<ReadonlyMap<number, number>>(() => new Map());
  const [current, setCurrent] = useState(1);
  const width = Math.round(Math.min(Math.max(room - 2 * GAP, 200), WIDEST) * zoom);
  const regions = useMemo(() => joinLines(regionsOf(boxes)), [boxes]);
  const virtual = useVirtualizer({
    count: room > 0 ? pdf.numPages : 0,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => width * (ratios.get(index + 1) ?? ratio) + GAP,
    overscan: 1,
    onChange: (instance) => {
      const line = (instance.scrollOffset ?? 0) + (instance.scrollRect?.height ?? 0) / 3;
      setCurrent((instance.getVirtualItemForOffset(line)?.index ?? 0) + 1);
    },
  });
  const turnTo = (number: number) => {
    virtual.scrollToIndex(Math.min(Math.max(number, 1), pdf.numPages) - 1, { align: "start" });
    onPage?.(number);
  };
  const place = useRef(1);
  useEffect(() => {
    place.current = current;
  }, [current]);
  useLayoutEffect(() => {
    virtual.measure();
    virtual.scrollToIndex(place.current - 1, { align: "start" });
  }, [virtual, width]);
  const target = useTarget(props);
  const arrived = useRef<unknown>(undefined);
  const [again, setAgain] = useState(0);
  useEffect(() => {
    if (room > 0 && target) virtual.scrollToIndex(target - 1, { align: "start" });
  }, [virtual, room, target, again]);
  const showQuote = (number: number, top: number | undefined) => {
    if (number !== target || top === undefined || arrived.current === boxes) return;
    arrived.current = boxes;
    const start = virtual.getOffsetForIndex(number - 1, "start")?.[0] ?? 0;
    const above = (scroller.current?.clientHeight ?? 0) / 4;
    virtual.scrollToOffset(Math.max(0, start + top * width * (ratios.get(number) ?? ratio) - above));
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const done: Record<string, () => void> = {
      ArrowLeft: () => turnTo(current - 1),
      ArrowRight: () => turnTo(current + 1),
      "+": () => setZoom(nextZoom(zoom, 1)),
      "-": () => setZoom(nextZoom(zoom, -1)),
      "0": () => setZoom(1),
    };
    const act = done[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return (
    <Stack h="100%" gap={0} ref={frame}>
      <Toolbar
        page={current}
        count={pdf.numPages}
        zoom={zoom}
        onPage={turnTo}
        onZoom={setZoom}
        onQuote={
          target && quote
            ? () => {
                arrived.current = undefined;
                setAgain((count) => count + 1);
              }
            : undefined
        }
      />
      {/* A region that scrolls takes the keyboard's focus, so that arrow keys scroll it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={scroller}
        className="pages"
        role="region"
        aria-label={t("viewer.pages")}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onKeyDown={keys}
      >
        <Area pos="relative" h={virtual.getTotalSize()} miw={width}>
          {virtual.getVirtualItems().map((item) => (
            <div
              key={item.key}
              data-index={item.index}
              ref={virtual.measureElement}
              className="pages-item"
              style={{ transform: `translateY(${item.start}px)`, paddingTop: GAP }}
            >
              <PdfPage
                pdf={pdf}
                number={item.index + 1}
                width={width}
                ratio={ratios.get(item.index + 1) ?? ratio}
                regions={regions.filter((one) => one.page === item.index + 1)}
                quote={target === item.index + 1 ? quote : ""}
                drawing={drawing?.(item.index + 1)}
                onShape={(number, shape) =>
                  setRatios((old) => (old.get(number) === shape ? old : new Map(old).set(number, shape)))
                }
                onDrawn={showQuote}
                onReload={onReload}
              />
            </div>
          ))}
        </Area>
      </div>
    </Stack>
  );
}

/** The page to open at: the one that was named, that of the first box, or the first that holds the quote. */
function useTarget({ pdf, page, quote, boxes }: Props & { pdf: PDFDocumentProxy }): number | undefined {
  const named = page ?? boxes[0]?.[1];
  const [found, setFound] = useState<number>();
  useEffect(() => {
    if (named !== undefined || !quote) return;
    const stop = new AbortController();
    void pageOf(pdf, (text) => locate(text, quote) !== undefined, stop.signal)
      .then((number) => {
        if (!stop.signal.aborted) setFound(number);
      })
      .catch(() => undefined);
    return () => stop.abort();
  }, [pdf, named, quote]);
  return named === undefined ? found : Math.min(Math.max(named, 1), pdf.numPages);
}
