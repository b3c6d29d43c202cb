import "./documents.css";

import { Text } from "@mantine/core";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Upload } from "../uploads/uploads";
import { DocumentRow } from "./DocumentRow";
import { UploadRow } from "./UploadRow";
import type { Document } from "./useDocuments";

interface Props {
  kbId: string;
  /** Files that are no documents yet, or whose bytes are still being sent. */
  sending: readonly Upload[];
  rows: readonly Document[];
  isFiltered: boolean;
  chosen: ReadonlySet<string>;
  onChoose: (documentId: string, isChosen: boolean) => void;
}

const ROW_HEIGHT = 65;

/** One row per file; only the rows on the screen are drawn. */
export function DocumentTable({ kbId, sending, rows, isFiltered, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  const count = sending.length + rows.length;
  // What stands above the table comes and goes.
  useLayoutEffect(() => {
    const body = document.getElementById("content") ?? document.body;
    const measure = () => setOffset(list.current ? list.current.getBoundingClientRect().top + window.scrollY : 0);
    const observer = new ResizeObserver(measure);
    observer.observe(body);
    measure();
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count,
    estimateSize: () => ROW_HEIGHT,
    overscan: 3,
    scrollMargin: offset,
    getItemKey: (index) => sending[index]?.id ?? rows[index - sending.length]?.document_id ?? index,
  });
  return (
    <div
      ref={list}
      role="table"
      aria-label={t("base.documents")}
      aria-rowcount={count}
      style={{ position: "relative", height: virtual.getTotalSize(), minHeight: 80 }}
    >
      {count === 0 && (
        <div role="row">
          <Text c="dimmed" ta="center" py="xl" role="cell">
            {t(isFiltered ? "documents.noneFound" : "base.empty")}
          </Text>
        </div>
      )}
      {virtual.getVirtualItems().map((item) => {
        const upload = sending[item.index];
        const row = rows[item.index - sending.length];
        return (
          <div
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            role="row"
            aria-rowindex={item.index + 1}
            style={{
              position: "absolute",
              insetInline: 0,
              top: 0,
              transform: `translateY(${item.start - virtual.options.scrollMargin}px)`,
            }}
          >
            {upload ? (
              <UploadRow upload={upload} />
            ) : row ? (
              <DocumentRow kbId={kbId} document={row} isChosen={chosen.has(row.document_id)} onChoose={onChoose} />
            ) : null}
          </div>
        );
      })}
    </div>
  );
}
