import { Alert, Badge, Group, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { explain } from "../api/explain";
import { documents, isAtRest, knowledgeBase } from "../api/queries";
import { DocumentTable } from "../documents/DocumentTable";
import { UploadList } from "../documents/UploadList";
import { DropArea } from "../parts/DropArea";
import { uploads } from "../uploads/uploads";

const STATES = ["ALL", "MOVING", "READY", "FAILED"] as const;
type Shown = (typeof STATES)[number];

/** One knowledge base: drop files, watch each document, see why one failed and what to do. */
export function KnowledgeBase() {
  const { t } = useTranslation();
  const { kbId = "" } = useParams();
  const [query, setQuery] = useSearchParams();
  const base = useQuery(knowledgeBase(kbId));
  const listed = useQuery(documents(kbId));
  const asked = query.get("state") as Shown | null;
  const shown: Shown = asked && STATES.includes(asked) ? asked : "ALL";
  const there = useMemo(() => (listed.data ?? []).filter((one) => one.status !== "DELETED"), [listed.data]);
  const counts: Record<Shown, number> = {
    ALL: there.length,
    MOVING: there.filter((one) => !isAtRest(one)).length,
    READY: there.filter((one) => one.status === "READY").length,
    FAILED: there.filter((one) => one.status === "FAILED").length,
  };
  const rows = there.filter((one) => shown === "ALL" || (shown === "MOVING" ? !isAtRest(one) : one.status === shown));
  const failure = base.error ?? listed.error;
  if (failure && !listed.data)
    return (
      <Alert color="red" role="alert" title={t("failure.title")}>
        {explain(failure, t)}
      </Alert>
    );
  return (
    <Stack maw="var(--strata-page)" mx="auto" gap="lg">
      <div>
        <Title order={1} size="h2" className="wrap-anywhere">
          {base.data?.name ?? <Skeleton h={32} w={260} />}
        </Title>
        {base.data?.description && <Text c="dimmed">{base.data.description}</Text>}
      </div>
      <DropArea title={t("base.drop")} hint={t("home.dropHint")} onFiles={(files) => uploads.add(kbId, files)} />
      <UploadList kbId={kbId} />
      <Group justify="space-between">
        <SegmentedControl
          aria-label={t("base.filter")}
          value={shown}
          onChange={(value) => setQuery(value === "ALL" ? {} : { state: value }, { replace: true })}
          data={STATES.map((state) => ({
            value: state,
            label: (
              <Group gap={6} wrap="nowrap" justify="center">
                {t(`base.states.${state}`)}
                <Badge size="sm" variant="light" color={state === "FAILED" && counts.FAILED ? "red" : "gray"}>
                  {counts[state]}
                </Badge>
              </Group>
            ),
          }))}
        />
      </Group>
      {listed.isPending ? <Skeleton h={240} /> : <DocumentTable kbId={kbId} rows={rows} isFiltered={shown !== "ALL"} />}
    </Stack>
  );
}
