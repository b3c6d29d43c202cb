import { Button, Card, Group, Progress, Stack, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { bytes } from "../parts/format";
import { isOpen, uploads, type Upload } from "../uploads/uploads";

/** How many files and bytes are sent, all together, with pause and cancel for all. */
export function UploadTotals({ all }: { all: readonly Upload[] }) {
  const { t } = useTranslation();
  const open = all.filter(isOpen);
  if (open.length === 0) return null;
  const counted = all.filter((one) => one.state !== "failed");
  const sum = (of: (upload: Upload) => number) => counted.reduce((total, one) => total + of(one), 0);
  const [done, total] = [sum((one) => one.sentBytes), sum((one) => one.file.size)];
  const sent = counted.filter((one) => one.state === "sent").length;
  const isPaused = open.every((one) => one.state === "paused");
  const ids = open.map((one) => one.id);
  return (
    <Card withBorder component="section" aria-label={t("upload.title")} padding="sm">
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Text fw={600} size="sm" aria-live="polite">
            {t("upload.summary", { done: sent, count: counted.length })}
          </Text>
          <Group gap={4}>
            <Text size="sm" c="dimmed">
              {bytes(done)} / {bytes(total)}
            </Text>
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={isPaused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
              onClick={() => (isPaused ? uploads.resume(...ids) : uploads.pause(...ids))}
            >
              {t(isPaused ? "upload.resume" : "upload.pause")}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              leftSection={<IconX size={14} />}
              onClick={() => uploads.cancel(...ids)}
            >
              {t("upload.cancel")}
            </Button>
          </Group>
        </Group>
        <Progress value={total ? (100 * done) / total : 0} aria-label={t("upload.title")} />
      </Stack>
    </Card>
  );
}
