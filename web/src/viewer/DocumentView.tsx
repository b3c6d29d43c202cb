import "./viewer.css";

import { ActionIcon, Alert, CloseButton, Group, Skeleton, Stack, Tabs, Text, Title, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { explain } from "../api/explain";
import { isAtRest } from "../api/queries";
import { inWords } from "../i18n/problem";
import { leaf, shownName } from "../parts/names";
import { Passages } from "./Passages";
import { addressOf, document as oneDocument, source } from "./queries";
import type { Box, SourceTab, SourceViewProps } from "./SourceView";
import { TextView } from "./TextView";

const PdfView = lazy(async () => ({ default: (await import("./PdfView")).PdfView }));
const NO_BOXES: readonly Box[] = [];

/** A document: what it is, and its tabs; says so where it is gone, failed, or not read yet. */
export function DocumentView(props: SourceViewProps) {
  const { kbId, documentId } = props;
  const { t } = useTranslation();
  const asked = useQuery(oneDocument(kbId, documentId));
  if (asked.data) return <Shown {...props} document={asked.data} />;
  if (asked.isPending) return <Skeleton h="100%" mih={240} />;
  const isGone = asked.error instanceof ApiError && asked.error.status === 404;
  return (
    <Alert color={isGone ? "orange" : "red"} role="alert" title={isGone ? t("viewer.gone") : t("failure.title")}>
      {isGone ? t("viewer.goneHint") : explain(asked.error, t)}
    </Alert>
  );
}

function Shown(props: SourceViewProps & { document: Schemas["Document"] }) {
  const { document, kbId, documentId, onClose } = props;
  const { t } = useTranslation();
  const isGone = document.status === "DELETED" || document.status === "DELETING";
  const isRead = document.live || document.status === "READY";
  const hasFile = !isGone && document.version > 0;
  return (
    <Stack h="100%" gap="xs" mih={0}>
      <Group wrap="nowrap" gap="xs" align="flex-start">
        <Title order={2} size="h4" flex={1} miw={0} lineClamp={2} className="wrap-anywhere" dir="auto">
          {shownName(leaf(document.filename))}
        </Title>
        {hasFile && <Download kbId={kbId} documentId={documentId} />}
        {onClose && <CloseButton onClick={onClose} aria-label={t("viewer.close")} />}
      </Group>
      {isGone && (
        <Alert color="orange" title={t("viewer.gone")}>
          {t("viewer.goneHint")}
        </Alert>
      )}
      {document.status === "FAILED" && (
        <Alert color="red" title={t("state.FAILED")}>
          {inWords(document.code, document.reason)}
        </Alert>
      )}
      {!isGone && !isAtRest(document) && (
        <Alert color="blue" title={t(`state.${document.status}`)}>
          {t("viewer.notReady")}
        </Alert>
      )}
      {hasFile && (isRead || document.format === "pdf") && <SourceTabs {...props} />}
    </Stack>
  );
}

function SourceTabs(props: SourceViewProps & { document: Schemas["Document"] }) {
  const { document, kbId, documentId, page, quote = "", boxes = NO_BOXES } = props;
  const { t } = useTranslation();
  const [own, setOwn] = useState<SourceTab>("document");
  const isRead = document.live || document.status === "READY";
  const isPdf = document.format === "pdf" || (!document.format && /\.pdf$/i.test(document.filename));
  const tabs: SourceTab[] = isPdf
    ? isRead
      ? ["document", "text", "passages"]
      : ["document"]
    : ["document", "passages"];
  const wished = props.tab ?? own;
  const tab = tabs.includes(wished) ? wished : "document";
  const version = document.live_version ?? document.version;
  const text = <TextView {...{ kbId, documentId, version, page, quote, boxes }} />;
  return (
    <Tabs
      value={tab}
      onChange={(value) => {
        setOwn(value as SourceTab);
        props.onTab?.(value as SourceTab);
      }}
      keepMounted={false}
      className="source-tabs"
    >
      <Tabs.List>
        {tabs.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {t(`viewer.tabs.${one}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {quote && (
        <Text size="sm" c="dimmed" lineClamp={2} py={4} dir="auto" className="wrap-anywhere">
          {t("viewer.quoted", { quote })}
        </Text>
      )}
      <Tabs.Panel value="document" className="source-panel">
        {isPdf ? <PdfSource {...props} version={version} /> : text}
      </Tabs.Panel>
      {isPdf && (
        <Tabs.Panel value="text" className="source-panel">
          {text}
        </Tabs.Panel>
      )}
      <Tabs.Panel value="passages" className="source-panel">
        <Passages kbId={kbId} documentId={documentId} version={version} quote={quote} />
      </Tabs.Panel>
    </Tabs>
  );
}

/** The PDF itself; its address is fetched again when it grew too old. */
function PdfSource(props: SourceViewProps & { version: number }) {
  const { kbId, documentId, version, page, quote = "", boxes = NO_BOXES, onPage } = props;
  const { t } = useTranslation();
  const found = useQuery(source(kbId, documentId, version));
  if (found.isPending) return <Skeleton h="100%" mih={240} />;
  if (!found.data)
    return (
      <Alert color="orange" role="alert" m="md" title={t("viewer.noFile")}>
        {explain(found.error, t)}
      </Alert>
    );
  return (
    <Suspense fallback={<Skeleton h="100%" mih={240} />}>
      <PdfView
        url={found.data.url}
        page={page}
        quote={quote}
        boxes={boxes}
        onPage={onPage}
        onReload={() => void found.refetch()}
      />
    </Suspense>
  );
}

/** Save the original; the address is made at the click, because it is valid for minutes only. */
function Download({ kbId, documentId }: { kbId: string; documentId: string }) {
  const { t } = useTranslation();
  const fetched = useMutation({
    mutationFn: () => addressOf(kbId, documentId),
    // The bucket sends it as an attachment, so that this page stays.
    onSuccess: ({ url }) => location.assign(url),
    onError: (error) => notifications.show({ color: "red", title: t("viewer.noFile"), message: explain(error, t) }),
  });
  return (
    <Tooltip label={t("viewer.download")}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("viewer.download")}
        loading={fetched.isPending}
        onClick={() => fetched.mutate()}
      >
        <IconDownload size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
