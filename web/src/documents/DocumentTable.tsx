import { ActionIcon, Badge, Box, Button, Group, Menu, Progress, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconDots } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { isAtRest } from "../api/queries";
import { ago, bytes } from "../parts/format";

type Document = Schemas["Document"];
interface Props {
  kbId: string;
  rows: Document[];
  isFiltered: boolean;
}

const ROW_HEIGHT = 64;
const COLOURS: Partial<Record<Document["status"], string>> = { READY: "teal", FAILED: "red", DELETING: "gray" };

/** One row per document; only the rows on the screen are drawn. */
export function DocumentTable({ kbId, rows, isFiltered }: Props) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), [rows.length]);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: offset,
    getItemKey: (index) => rows[index]?.document_id ?? index,
  });
  if (rows.length === 0)
    return (
      <Text c="dimmed" ta="center" py="xl">
        {t(isFiltered ? "base.noneOfThese" : "base.empty")}
      </Text>
    );
  return (
    <div ref={list} role="table" aria-label={t("base.documents")} aria-rowcount={rows.length}>
      <Box pos="relative" h={virtual.getTotalSize()} role="rowgroup">
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            row && (
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
                <Row kbId={kbId} document={row} />
              </div>
            )
          );
        })}
      </Box>
    </div>
  );
}

function Row({ kbId, document }: { kbId: string; document: Document }) {
  const { t } = useTranslation();
  return (
    <Group
      wrap="nowrap"
      py="xs"
      mih={ROW_HEIGHT}
      style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}
    >
      <Stack gap={2} flex={1} miw={0} role="cell">
        <Text fw={500} truncate="end" dir="auto" title={document.filename}>
          {document.filename}
        </Text>
        <Details document={document} />
      </Stack>
      <Group gap="xs" wrap="nowrap" role="cell">
        <Badge variant="light" color={COLOURS[document.status] ?? "blue"}>
          {t(`state.${document.status}`)}
        </Badge>
        <Actions kbId={kbId} document={document} />
      </Group>
    </Group>
  );
}

function Details({ document }: { document: Document }) {
  const { t } = useTranslation();
  if (document.status === "FAILED")
    return (
      <Text size="sm" c="red">
        {document.reason} {document.remedy}
      </Text>
    );
  if (!isAtRest(document)) return <Moving document={document} />;
  const facts = [
    bytes(document.size_bytes),
    document.pages > 0 && t("document.pages", { count: document.pages }),
    t("document.passages", { count: document.chunks }),
    ago(document.status_since || document.updated_at),
  ].filter(Boolean);
  return (
    <Text size="sm" c="dimmed">
      {facts.join(" · ")}
      {document.warnings.length > 0 && ` · ${document.warnings.join(" ")}`}
    </Text>
  );
}

function Moving({ document }: { document: Document }) {
  const { t } = useTranslation();
  const [done, of] =
    document.status === "RECOGNISING"
      ? [document.pages_recognised, document.pages_unread]
      : [document.chunks_done, document.status === "EMBEDDING" ? document.chunks : 0];
  return (
    <Group gap="xs" wrap="nowrap">
      <Progress
        w={140}
        value={of ? (100 * done) / of : 100}
        animated={!of}
        striped={!of}
        aria-label={t(`state.${document.status}`)}
      />
      <Text size="sm" c={document.waiting_for ? "orange" : "dimmed"} truncate="end">
        {document.waiting_for
          ? t("document.waiting", { what: document.waiting_for, since: ago(document.waiting_since) })
          : of
            ? t(document.status === "RECOGNISING" ? "document.pagesOf" : "document.passagesOf", { done, of })
            : ago(document.status_since)}
      </Text>
    </Group>
  );
}

function Actions({ kbId, document }: { kbId: string; document: Document }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const path = { kb_id: kbId, document_id: document.document_id };
  const settled = {
    onSettled: () => queries.invalidateQueries({ queryKey: ["knowledge-bases", kbId] }),
    onError: (error: unknown) =>
      notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) }),
  };
  const retry = useMutation({
    mutationFn: () =>
      told(api().POST("/v1/knowledge-bases/{kb_id}/documents/{document_id}/retry", { params: { path } })),
    ...settled,
  });
  const remove = useMutation({
    mutationFn: () => told(api().DELETE("/v1/knowledge-bases/{kb_id}/documents/{document_id}", { params: { path } })),
    ...settled,
  });
  const ask = () =>
    modals.openConfirmModal({
      title: t("document.deleteTitle"),
      children: <Text size="sm">{t("document.deleteText", { name: document.filename })}</Text>,
      labels: { confirm: t("document.delete"), cancel: t("cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate(),
    });
  return (
    <>
      {document.can_retry && (
        <Button size="xs" variant="light" loading={retry.isPending} onClick={() => retry.mutate()}>
          {t("document.retry")}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t("document.actions", { name: document.filename })}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="red" onClick={ask} disabled={document.status === "DELETING"}>
            {t("document.delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
