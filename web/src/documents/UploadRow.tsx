import { ActionIcon, Badge, Group, Progress, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { explain } from "../api/explain";
import { bytes } from "../parts/format";
import { leaf, shownName } from "../parts/names";
import { uploads, type Upload } from "../uploads/uploads";

const COLOURS: Partial<Record<Upload["state"], string>> = { failed: "red", lost: "orange", paused: "gray" };

/** What went wrong with an upload, in plain words. */
export function problemOf(upload: Upload, t: TFunction): string {
  if (!upload.error) return "";
  if (upload.state === "lost") return t("upload.lost");
  return upload.error.code === "empty_file" ? t("upload.empty") : explain(upload.error, t);
}

/** A file that is being sent: its bytes, pause, go on, cancel. */
export const UploadRow = memo(function UploadRow({ upload }: { upload: Upload }) {
  const { t } = useTranslation();
  const { state, sentBytes, file } = upload;
  const name = shownName(leaf(upload.name));
  return (
    <div className="document-row" role="presentation">
      <span role="cell" style={{ width: 20 }} />
      <div role="cell" style={{ minWidth: 0 }}>
        <span className="document-name" dir="auto" title={shownName(upload.name)}>
          {name}
        </span>
        {state === "failed" || state === "lost" ? (
          <div className={state === "failed" ? "document-reason" : "document-facts"}>{problemOf(upload, t)}</div>
        ) : (
          <Group gap="xs" wrap="nowrap">
            <Progress
              w={120}
              style={{ flexShrink: 0 }}
              value={(100 * sentBytes) / file.size}
              aria-label={t("upload.progress", { name })}
            />
            <Text size="sm" c="dimmed">
              {bytes(sentBytes)} / {bytes(file.size)}
            </Text>
          </Group>
        )}
      </div>
      <span role="cell" className="document-state">
        <Badge variant="light" color={COLOURS[state] ?? "blue"}>
          {t(`upload.states.${state}`)}
        </Badge>
      </span>
      <span role="cell" className="document-tools">
        <Controls upload={upload} name={name} />
      </span>
    </div>
  );
});

function Controls({ upload: { id, state, file }, name }: { upload: Upload; name: string }) {
  const { t } = useTranslation();
  const isStopped = state === "paused" || (state === "failed" && file.size > 0);
  const Resume = state === "failed" ? IconRefresh : IconPlayerPlay;
  return (
    <>
      {isStopped ? (
        <ActionIcon
          variant="subtle"
          aria-label={t(state === "failed" ? "upload.againOne" : "upload.resumeOne", { name })}
          onClick={() => uploads.resume(id)}
        >
          <Resume size={16} aria-hidden />
        </ActionIcon>
      ) : (
        state !== "failed" &&
        state !== "sent" && (
          <ActionIcon variant="subtle" aria-label={t("upload.pauseOne", { name })} onClick={() => uploads.pause(id)}>
            <IconPlayerPause size={16} aria-hidden />
          </ActionIcon>
        )
      )}
      {state !== "sent" && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("upload.cancelOne", { name })}
          onClick={() => uploads.cancel(id)}
        >
          <IconX size={16} aria-hidden />
        </ActionIcon>
      )}
    </>
  );
}
