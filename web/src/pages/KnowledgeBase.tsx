import { Alert, Button, Center, Loader, Skeleton, Stack, Text } from "@mantine/core";
import { Dropzone } from "@mantine/dropzone";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useDeferredValue, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useParams, useSearchParams } from "react-router";
import { explain } from "../api/explain";
import { knowledgeBase } from "../api/queries";
import { BaseHeading } from "../bases/BaseHeading";
import { useIsLeaving } from "../bases/useAskDeleteBase";
import { RebuildNotice } from "../bases/RebuildNotice";
import { DocumentTable } from "../documents/DocumentTable";
import { Filters } from "../documents/Filters";
import { ReceiptList } from "../documents/ReceiptList";
import { Selection } from "../documents/Selection";
import { countStates, filtered, STATES, type ShownState } from "../documents/shown";
import { UploadTotals } from "../documents/UploadTotals";
import { useArrivals } from "../documents/useArrivals";
import { useDocuments } from "../documents/useDocuments";
import { DropArea } from "../parts/DropArea";
import { uploads, useUploads } from "../uploads/uploads";

/** One knowledge base: drop files anywhere, watch each document, see why one failed and what to do. */
export function KnowledgeBase() {
  const { kbId = "" } = useParams();
  const { isDeleting, isDeleted } = useIsLeaving(kbId);
  if (isDeleted) return <Navigate to="/" replace />;
  if (isDeleting) return <Deleting />;
  return <Shown key={kbId} kbId={kbId} />;
}

/** Nothing of the knowledge base is asked for while it goes. */
function Deleting() {
  const { t } = useTranslation();
  return (
    <Center py="xl">
      <Loader role="status" aria-label={t("baseMenu.deleting")} />
    </Center>
  );
}

function Shown({ kbId }: { kbId: string }) {
  const { t } = useTranslation();
  const base = useQuery(knowledgeBase(kbId));
  const listed = useDocuments(kbId);
  const sending = useUploads(kbId);
  useArrivals(kbId, sending, listed.rows);
  const add = (files: File[]) => void uploads.add(kbId, files);
  const failure = base.error ?? listed.error;
  if (failure && !base.data)
    return (
      <Alert color="red" role="alert" title={t("failure.title")} maw="var(--strata-page)" mx="auto">
        {explain(failure, t)}
      </Alert>
    );
  return (
    <Stack maw="var(--strata-page)" mx="auto" gap="md">
      <BaseHeading kbId={kbId} base={base.data} />
      <DropArea title={t("base.drop")} hint={t("home.dropHint")} onFiles={add} />
      <Dropzone.FullScreen onDrop={add} inputProps={{ "aria-hidden": true, tabIndex: -1 }}>
        <Text size="xl" fw={600} ta="center" mt="30vh" style={{ pointerEvents: "none" }}>
          {t("base.dropAnywhere", { name: base.data?.name ?? "" })}
        </Text>
      </Dropzone.FullScreen>
      {base.data && <RebuildNotice base={base.data} />}
      <UploadTotals all={sending} />
      <ReceiptList kbId={kbId} />
      {listed.error && (
        <Alert color="orange" role="alert" title={t("documents.notAll")}>
          {explain(listed.error, t)}{" "}
          <Button size="compact-sm" variant="light" onClick={() => void listed.refetch()}>
            {t("unreachable.again")}
          </Button>
        </Alert>
      )}
      {listed.isPending ? <Skeleton h={260} /> : <Documents kbId={kbId} listed={listed} sending={sending} />}
    </Stack>
  );
}

interface Listed {
  kbId: string;
  listed: ReturnType<typeof useDocuments>;
  sending: ReturnType<typeof useUploads>;
}

function Documents({ kbId, listed, sending }: Listed) {
  const { t } = useTranslation();
  const [query, setQuery] = useSearchParams();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set());
  const asked = query.get("state") as ShownState | null;
  const state: ShownState = asked && STATES.includes(asked) ? asked : "ALL";
  const words = query.get("name") ?? "";
  const put = (name: string, value: string) =>
    setQuery(
      (old) => {
        if (value) old.set(name, value);
        else old.delete(name);
        return old;
      },
      { replace: true },
    );
  const onTheWay = useMemo(() => sending.filter((one) => one.state !== "sent"), [sending]);
  const sent = useMemo(() => new Set(onTheWay.map((one) => one.documentId)), [onTheWay]);
  const there = useMemo(() => listed.rows.filter((row) => !sent.has(row.document_id)), [listed.rows, sent]);
  const sought = useDeferredValue(words);
  const rows = useMemo(() => filtered(there, state, sought), [there, state, sought]);
  const counts = useMemo(() => countStates(there), [there]);
  const choose = useCallback((documentId: string, isChosen: boolean) => {
    setChosen((old) => {
      const now = new Set(old);
      if (isChosen) now.add(documentId);
      else now.delete(documentId);
      return now;
    });
  }, []);
  const isFiltered = state !== "ALL" || sought !== "";
  const shownSending =
    state === "ALL" || state === "MOVING"
      ? onTheWay
      : onTheWay.filter((one) => state === "FAILED" && one.state === "failed");
  const isEmpty = there.length === 0 && onTheWay.length === 0;
  if (isEmpty && listed.isComplete)
    return (
      <Text c="dimmed" ta="center" py="xl">
        {t("base.empty")}
      </Text>
    );
  return (
    <Stack gap={0}>
      <div className="documents-bar">
        <Filters
          state={state}
          words={words}
          counts={counts}
          onState={(value) => put("state", value === "ALL" ? "" : value)}
          onWords={(value) => put("name", value)}
        />
        <Selection kbId={kbId} rows={rows} chosen={chosen} onChosen={setChosen} />
      </div>
      <DocumentTable
        kbId={kbId}
        sending={shownSending}
        rows={rows}
        isFiltered={isFiltered}
        chosen={chosen}
        onChoose={choose}
      />
      {!listed.isComplete && !listed.error && <Skeleton h={65} aria-label={t("documents.loading")} />}
    </Stack>
  );
}
