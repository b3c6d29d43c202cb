import { Alert, Badge, Box, Button, Group, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { explain } from "../api/explain";
import { strategies, useStrategyWords } from "../bases/strategies";
import { PlaceName } from "../viewer/PlaceName";
import { cut, type Passage } from "../viewer/queries";
import { COLOURS, wordsIn } from "./sizes";

interface Props {
  kbId: string;
  document: Schemas["Document"];
  way: string;
  isCurrent: boolean;
  onWay: (way: string) => void;
}

/** A document cut in one way: sizes in plain words, and its passages in alternating colours. */
export function CutColumn({ kbId, document, way, isCurrent, onWay }: Props) {
  const { t } = useTranslation();
  const words = useStrategyWords();
  const listed = useQuery(strategies()).data?.items ?? [];
  const chosen = listed.find((one) => one.name === way);
  return (
    <Stack gap="sm" component="section" aria-label={chosen ? words(chosen).title : way} miw={0}>
      <Select
        label={t("preview.way")}
        allowDeselect={false}
        value={way}
        onChange={(value) => value && onWay(value)}
        data={listed.map((one) => ({ value: one.name, label: words(one).title }))}
      />
      <Group gap="xs" align="flex-start" mih={44}>
        {isCurrent && <Badge variant="light">{t("preview.current")}</Badge>}
        <Text size="sm" c="dimmed" flex="1 1 200px">
          {chosen && words(chosen).text}
        </Text>
      </Group>
      <Passages kbId={kbId} document={document} way={way} />
    </Stack>
  );
}

function Passages({ kbId, document, way }: Pick<Props, "kbId" | "document" | "way">) {
  const { t } = useTranslation();
  const asked = useInfiniteQuery(cut(kbId, document.document_id, document.version, way));
  if (asked.isPending) return <Skeleton h={320} aria-label={t("preview.cutting")} />;
  if (!asked.data)
    return (
      <Alert color="red" role="alert" title={t("failure.title")}>
        {explain(asked.error, t)}
      </Alert>
    );
  const [first] = asked.data.pages;
  const size = first?.chunk_characters ?? { least: 0, median: 0, most: 0 };
  return (
    <>
      <Text size="sm">
        {t("preview.sizes", {
          count: first?.chunks_total ?? 0,
          usual: wordsIn(size.median),
          least: wordsIn(size.least),
          most: wordsIn(size.most),
        })}{" "}
        {(first?.overlap ?? 0) >= 0.01 && t("preview.overlap", { share: Math.round(100 * (first?.overlap ?? 0)) })}
      </Text>
      <Stack gap={6} component="ol" p={0} m={0} style={{ listStyle: "none" }}>
        {asked.data.pages
          .flatMap((page) => page.chunks)
          .map((passage) => (
            <Piece key={passage.ordinal} passage={passage} />
          ))}
      </Stack>
      {asked.hasNextPage && (
        <Button variant="light" loading={asked.isFetchingNextPage} onClick={() => void asked.fetchNextPage()}>
          {t("viewer.more")}
        </Button>
      )}
    </>
  );
}

function Piece({ passage }: { passage: Passage }) {
  const { t } = useTranslation();
  const colour = COLOURS[passage.ordinal % COLOURS.length] ?? "gray";
  return (
    <Box
      component="li"
      p="xs"
      style={{
        background: `var(--mantine-color-${colour}-light)`,
        borderInlineStart: `4px solid var(--mantine-color-${colour}-6)`,
        borderRadius: "var(--mantine-radius-sm)",
        contentVisibility: "auto",
        containIntrinsicSize: "auto 120px",
      }}
    >
      <Group gap="xs" justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="xs" className="wrap-anywhere">
          {passage.ordinal + 1} · <PlaceName place={passage.place} />
        </Text>
        <Text size="xs" style={{ whiteSpace: "nowrap" }}>
          {t("viewer.words", { count: passage.text.split(/\s+/).filter(Boolean).length })}
        </Text>
      </Group>
      <Text size="sm" className="wrap-anywhere" style={{ whiteSpace: "pre-wrap" }} dir="auto">
        {passage.text}
      </Text>
    </Box>
  );
}
