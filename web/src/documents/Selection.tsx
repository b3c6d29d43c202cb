import { Button, Checkbox, Group } from "@mantine/core";
import { IconRefresh, IconTrash, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useRetry } from "./actions";
import { useAskDelete } from "./useAskDelete";
import type { Document } from "./useDocuments";

interface Props {
  kbId: string;
  rows: readonly Document[];
  chosen: ReadonlySet<string>;
  onChosen: (chosen: ReadonlySet<string>) => void;
}

/** Choose all rows that are shown, and do something with all that are chosen. */
export function Selection({ kbId, rows, chosen, onChosen }: Props) {
  const { t } = useTranslation();
  const there = rows.filter((row) => chosen.has(row.document_id) && row.status !== "DELETING");
  const failed = there.filter((row) => row.can_retry);
  const retry = useRetry(kbId);
  const askDelete = useAskDelete(kbId, () => onChosen(new Set()));
  const isAll = there.length > 0 && there.length === rows.length;
  return (
    <Group gap="xs" mih={34} wrap="wrap">
      <Checkbox
        size="sm"
        checked={isAll}
        indeterminate={there.length > 0 && !isAll}
        disabled={rows.length === 0}
        label={
          there.length > 0
            ? t("documents.chosen", { count: there.length })
            : t("documents.chooseAll", { count: rows.length })
        }
        onChange={() => onChosen(isAll ? new Set() : new Set(rows.map((row) => row.document_id)))}
      />
      {there.length > 0 && (
        <Group gap={4}>
          {failed.length > 0 && (
            <Button
              size="compact-sm"
              variant="light"
              leftSection={<IconRefresh size={14} />}
              loading={retry.isPending}
              onClick={() => retry.mutate(failed)}
            >
              {t("documents.retryChosen", { count: failed.length })}
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="light"
            color="red"
            leftSection={<IconTrash size={14} />}
            onClick={() => askDelete(there)}
          >
            {t("documents.deleteChosen", { count: there.length })}
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconX size={14} />}
            onClick={() => onChosen(new Set())}
          >
            {t("documents.chooseNone")}
          </Button>
        </Group>
      )}
    </Group>
  );
}
