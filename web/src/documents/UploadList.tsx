import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { leaf, shownName } from "../parts/names";
import { useUploads } from "../uploads/uploads";
import { problemOf } from "./UploadRow";
import { UploadTotals } from "./UploadTotals";

const SHOWN = 3;

/** What is being sent to a knowledge base, in a few lines, for pages that are about something else. */
export function UploadList({ kbId }: { kbId: string }) {
  const { t } = useTranslation();
  const all = useUploads(kbId);
  const failed = all.filter((one) => one.state === "failed");
  return (
    <>
      <UploadTotals all={all} />
      {failed.length > 0 && (
        <Stack gap={2} role="alert">
          {failed.slice(0, SHOWN).map((one) => (
            <Text key={one.id} size="sm" c="red" className="wrap-anywhere">
              {shownName(leaf(one.name))}: {problemOf(one, t)}
            </Text>
          ))}
          {failed.length > SHOWN && (
            <Text size="sm" c="dimmed">
              {t("upload.more", { count: failed.length - SHOWN })}
            </Text>
          )}
        </Stack>
      )}
    </>
  );
}
