import { Alert, Button, Card, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { explain } from "../api/explain";
import { shownName } from "../parts/names";
import { BlockView } from "./BlockView";
import { holds, marksOf } from "./marks";
import { stretches, type Stretch } from "./queries";
import type { Box } from "./SourceView";

interface Props {
  kbId: string;
  documentId: string;
  version: number;
  page: number | null | undefined;
  quote: string;
  boxes: readonly Box[];
}

/** A document as it was read: headings, text, tables; slides as cards; from the quote on, in both directions. */
export function TextView({ kbId, documentId, version, page, quote, boxes }: Props) {
  const { t } = useTranslation();
  const starts = useMemo(() => boxes.flatMap((box) => box[0] ?? []), [boxes]);
  const [isFromStart, startOver] = useState(false);
  const from = isFromStart ? {} : beginning(starts[0], page);
  const asked = useInfiniteQuery(stretches(kbId, documentId, version, from));
  // A page may have no stretch that begins on it: then the whole is shown from its beginning.
  if (!isFromStart && asked.data?.pages[0]?.items.length === 0) startOver(true);
  const list = useRef<HTMLDivElement>(null);
  const isThere = asked.isSuccess;
  useEffect(() => {
    if (isThere && quote) list.current?.querySelector('[data-testid="quote"]')?.scrollIntoView({ block: "center" });
  }, [isThere, quote]);
  if (asked.isPending) return <Skeleton h={240} mt="md" />;
  if (!asked.data)
    return (
      <Alert color="red" role="alert" m="md" title={t("failure.title")}>
        {explain(asked.error, t)}
      </Alert>
    );
  const { pages, pageParams } = asked.data;
  const view = pages[0]?.view;
  const items = pages.flatMap((one) => one.items);
  return (
    <Stack p="md" gap="md" ref={list} maw={860} mx="auto" key={pageParams.length}>
      {asked.hasPreviousPage && (
        <Button variant="light" loading={asked.isFetchingPreviousPage} onClick={() => void asked.fetchPreviousPage()}>
          {t("viewer.before")}
        </Button>
      )}
      {items.length > 0 && <QuoteMissing items={items} quote={quote} starts={starts} />}
      {items.length === 0 && <Text c="dimmed">{t("viewer.noText")}</Text>}
      {items.map((item) => (
        <StretchView key={item.ordinal} stretch={item} quote={quote} starts={starts} />
      ))}
      {asked.hasNextPage ? (
        <Button variant="light" loading={asked.isFetchingNextPage} onClick={() => void asked.fetchNextPage()}>
          {t("viewer.more")}
        </Button>
      ) : (
        view?.is_whole === false && <Alert color="blue">{t("viewer.notWhole")}</Alert>
      )}
    </Stack>
  );
}

/** Says that a quote is not in what is shown: it may stand further on, or be worded by another way of reading. */
function QuoteMissing({ items, quote, starts }: { items: Stretch[]; quote: string; starts: readonly number[] }) {
  const { t } = useTranslation();
  const isThere = useMemo(() => items.some((one) => holds(one, quote, starts)), [items, quote, starts]);
  return quote && !isThere ? (
    <Alert color="orange" role="status">
      {t("viewer.quoteMissing")}
    </Alert>
  ) : null;
}

function beginning(at: number | undefined, page: number | null | undefined): { at?: number; page?: number } {
  if (at !== undefined) return { at };
  return page ? { page } : {};
}

function StretchView({ stretch, quote, starts }: { stretch: Stretch; quote: string; starts: readonly number[] }) {
  const { t } = useTranslation();
  const marks = useMemo(() => marksOf(stretch, quote, starts), [stretch, quote, starts]);
  const { unit, page, sheet, member, continues } = stretch;
  const named = sheet
    ? shownName(sheet)
    : page !== null && unit !== "section"
      ? t(`viewer.units.${unit}`, { page })
      : "";
  const title = [member && shownName(member), named].filter(Boolean).join(" · ");
  const blocks = (
    <Stack gap="sm">
      {title && !continues && (
        <Text size="xs" c="dimmed" fw={600} className="wrap-anywhere">
          {title}
        </Text>
      )}
      {stretch.blocks.map((block) => (
        <BlockView key={`${block.start}-${block.kind}`} block={block} marks={marks} />
      ))}
      {stretch.blocks.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("viewer.emptyPage")}
        </Text>
      )}
    </Stack>
  );
  return unit === "slide" ? (
    <Card withBorder shadow="sm" className="stretch" mih={200} component="section" aria-label={title}>
      {blocks}
    </Card>
  ) : (
    <section className="stretch" aria-label={title || t("viewer.tabs.text")}>
      {blocks}
    </section>
  );
}
