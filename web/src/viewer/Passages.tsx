import { Alert, Badge, Button, Card, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { explain } from "../api/explain";
import { Marked } from "./Marked";
import { PlaceName } from "./PlaceName";
import { passages as listed, type Passage } from "./queries";
import { locate } from "./quote";

/** Pages of passages that are looked through for a quote. */
const SEARCHED = 20;

interface Props {
  kbId: string;
  documentId: string;
  version: number;
  quote: string;
}

/** The pieces that a document was cut into, which are what answers are made from. */
export function Passages({ kbId, documentId, version, quote }: Props) {
  const { t } = useTranslation();
  const asked = useInfiniteQuery(listed(kbId, documentId, version));
  const isFound = Boolean(asked.data?.pages.some((page) => page.items.some((one) => locate(one.text, quote))));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = asked;
  const seeks = Boolean(quote) && !isFound && (asked.data?.pages.length ?? SEARCHED) < SEARCHED;
  useEffect(() => {
    if (seeks && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [seeks, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (asked.isPending) return <Skeleton h={240} mt="md" />;
  if (asked.error)
    return (
      <Alert color="red" role="alert" m="md" title={t("failure.title")}>
        {explain(asked.error, t)}
      </Alert>
    );
  const passages = asked.data.pages.flatMap((page) => page.items);
  const total = asked.data.pages[0]?.chunks_total ?? 0;
  const quoted = quote ? passages.findIndex((one) => locate(one.text, quote)) : -1;
  return (
    <Stack p="md" gap="sm">
      <Text size="sm" c="dimmed">
        {t("viewer.passagesHint", { count: total })}
      </Text>
      {passages.map((passage, index) => (
        <PassageCard key={passage.ordinal} passage={passage} quote={index === quoted ? quote : ""} />
      ))}
      {hasNextPage && (
        <Button variant="light" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("viewer.more")}
        </Button>
      )}
    </Stack>
  );
}

function PassageCard({ passage, quote }: { passage: Passage; quote: string }) {
  const { t } = useTranslation();
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (quote) card.current?.scrollIntoView({ block: "center" });
  }, [quote]);
  return (
    <Card
      withBorder
      ref={card}
      className="passage"
      component="article"
      aria-label={t("viewer.passage", { n: passage.ordinal + 1 })}
    >
      <Group gap="xs" mb={4}>
        <Badge variant="light" color="gray">
          {passage.ordinal + 1}
        </Badge>
        <Text size="xs" c="dimmed" className="wrap-anywhere">
          <PlaceName place={passage.place} />
        </Text>
        <Text size="xs" c="dimmed" ms="auto">
          {t("viewer.words", { count: passage.text.split(/\s+/).filter(Boolean).length })}
        </Text>
      </Group>
      {passage.context && (
        <Text size="xs" c="dimmed" mb={4} className="wrap-anywhere" dir="auto">
          {passage.context}
        </Text>
      )}
      <Text size="sm" className="wrap-anywhere" style={{ whiteSpace: "pre-wrap" }} dir="auto">
        <Marked text={passage.text} quote={quote} />
      </Text>
    </Card>
  );
}
