import "./viewer.css";

import { Alert, CloseButton, Group, Skeleton, Stack, Tabs, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { explain } from "../api/explain";
import { isAtRest } from "../api/queries";
import { leaf, shownName } from "../parts/names";
import { Passages } from "./Passages";
import { document as oneDocument } from "./queries";
import type { SourceTab, SourceViewProps } from "./SourceView";

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
  const { document, onClose } = props;
  const { t } = useTranslation();
  const isGone = document.status === "DELETED" || document.status === "DELETING";
  return (
    <Stack h="100%" gap="xs" mih={0}>
      <Group wrap="nowrap" gap="xs" align="flex-start">
        <Title order={2} size="h4" flex={1} miw={0} lineClamp={2} className="wrap-anywhere" dir="auto">
          {shownName(leaf(document.filename))}
        </Title>
        {onClose && <CloseButton onClick={onClose} aria-label={t("viewer.close")} />}
      </Group>
      {isGone && (
        <Alert color="orange" title={t("viewer.gone")}>
          {t("viewer.goneHint")}
        </Alert>
      )}
      {document.status === "FAILED" && (
        <Alert color="red" title={t("state.FAILED")}>
          {document.reason} {document.remedy}
        </Alert>
      )}
      {!isGone && !isAtRest(document) && (
        <Alert color="blue" title={t(`state.${document.status}`)}>
          {t("viewer.notReady")}
        </Alert>
      )}
      {!isGone && (document.live || document.status === "READY") && <SourceTabs {...props} />}
    </Stack>
  );
}

function SourceTabs(props: SourceViewProps & { document: Schemas["Document"] }) {
  const { document, kbId, documentId, quote = "" } = props;
  const { t } = useTranslation();
  const [own, setOwn] = useState<SourceTab>("passages");
  const tab = props.tab ?? own;
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
        <Tabs.Tab value="passages">{t("viewer.tabs.passages")}</Tabs.Tab>
      </Tabs.List>
      {quote && (
        <Text size="sm" c="dimmed" lineClamp={2} py={4} dir="auto">
          {t("viewer.quoted", { quote })}
        </Text>
      )}
      <Tabs.Panel value="passages" className="source-panel">
        <Passages
          kbId={kbId}
          documentId={documentId}
          version={document.live_version ?? document.version}
          quote={quote}
        />
      </Tabs.Panel>
    </Tabs>
  );
}
