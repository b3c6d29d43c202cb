import { Alert, Progress, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { shownName } from "../parts/names";
import { baseDeletion, baseDeletions, useBaseDeletions } from "./deletions";

/** The knowledge bases that were deleted just now: how far, and when everything was gone. */
export function BaseReceipts() {
  const ids = useBaseDeletions();
  return ids.map((kbId) => <Receipt key={kbId} kbId={kbId} />);
}

function Receipt({ kbId }: { kbId: string }) {
  const { t } = useTranslation();
  const found = useQuery(baseDeletion(kbId)).data;
  if (!found) return null;
  const isDone = Boolean(found.finished_at);
  const done = found.documents_total - found.documents_left;
  return (
    <Alert
      color={isDone ? "teal" : "gray"}
      title={t(isDone ? "receipt.gone" : "receipt.going", { name: shownName(found.name) })}
      withCloseButton
      closeButtonLabel={t("receipt.putAway")}
      onClose={() => baseDeletions.putAway(kbId)}
    >
      {isDone ? (
        <Text size="sm">
          {t("receipt.baseDone", { count: found.documents_total })}{" "}
          {t(found.verified ? "receipt.verified" : "receipt.notVerified", {
            at: new Date(found.finished_at).toLocaleString(),
            who: found.requested_by_address,
          })}
        </Text>
      ) : (
        <Progress
          value={found.documents_total ? (100 * done) / found.documents_total : 100}
          aria-label={t("receipt.title")}
        />
      )}
    </Alert>
  );
}
