import { ActionIcon, Card, Group, Progress, Stack, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { explain } from "../api/explain";
import { bytes } from "../parts/format";
import { uploads, useUploads, type Upload } from "../uploads/uploads";

const SHOWN = 6;

/** What is being sent to a knowledge base, with pause and cancel; what arrived is a document and leaves the list. */
export function UploadList({ kbId }: { kbId: string }) {
  const { t } = useTranslation();
  const all = useUploads(kbId);
  const queries = useQueryClient();
  const sent = all.filter((one) => one.state === "sent").length;
  useEffect(() => {
    if (sent === 0) return;
    void queries.invalidateQueries({ queryKey: ["knowledge-bases", kbId] });
    if (all.every((one) => one.state === "sent")) uploads.dismiss(all.map((one) => one.id));
  }, [sent, all, kbId, queries]);
  const open = all.filter((one) => one.state !== "sent");
  if (open.length === 0) return null;
  const [done, total] = [sum(all, (one) => one.sentBytes), sum(all, (one) => one.file.size)];
  return (
    <Card withBorder component="section" aria-label={t("upload.title")}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Text fw={600}>{t("upload.summary", { done: sent, count: all.length })}</Text>
          <Text size="sm" c="dimmed">
            {bytes(done)} / {bytes(total)}
          </Text>
        </Group>
        <Progress value={total ? (100 * done) / total : 0} aria-label={t("upload.title")} />
        {open.slice(0, SHOWN).map((upload) => (
          <Row key={upload.id} upload={upload} />
        ))}
        {open.length > SHOWN && (
          <Text size="sm" c="dimmed">
            {t("upload.more", { count: open.length - SHOWN })}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function Row({ upload }: { upload: Upload }) {
  const { t } = useTranslation();
  const problem = upload.error
    ? upload.error.code === "empty_file"
      ? t("upload.empty")
      : explain(upload.error, t)
    : "";
  return (
    <Group wrap="nowrap" gap="sm">
      <Text size="sm" flex={1} truncate="end" dir="auto" title={upload.name}>
        {upload.name}
      </Text>
      <Text size="xs" c={upload.state === "failed" ? "red" : "dimmed"} lineClamp={2}>
        {upload.state === "sending" ? `${Math.round((100 * upload.sentBytes) / upload.file.size)} %` : null}
        {upload.state === "lost" ? t("upload.lost") : upload.state === "failed" ? problem : null}
        {upload.state === "waiting" || upload.state === "paused" ? t(`upload.${upload.state}`) : null}
      </Text>
      {upload.state === "paused" ? (
        <ActionIcon variant="subtle" aria-label={t("upload.resume")} onClick={() => uploads.resume(upload.id)}>
          <IconPlayerPlay size={16} />
        </ActionIcon>
      ) : (
        upload.state !== "failed" && (
          <ActionIcon variant="subtle" aria-label={t("upload.pause")} onClick={() => uploads.pause(upload.id)}>
            <IconPlayerPause size={16} />
          </ActionIcon>
        )
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("upload.cancel")}
        onClick={() => uploads.cancel(upload.id)}
      >
        <IconX size={16} />
      </ActionIcon>
    </Group>
  );
}

function sum(all: readonly Upload[], of: (upload: Upload) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
