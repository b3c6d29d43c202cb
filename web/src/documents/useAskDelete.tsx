import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { leaf, shownName } from "../parts/names";
import { useDelete } from "./actions";
import type { Document } from "./useDocuments";
import { confirm } from "../app/confirm";

/** Ask before documents are deleted, and then delete them. */
export function useAskDelete(kbId: string, onDeleted?: () => void): (documents: readonly Document[]) => void {
  const { t } = useTranslation();
  const remove = useDelete(kbId);
  return (documents) => {
    const count = documents.length;
    const name = shownName(leaf(documents[0]?.filename ?? ""));
    confirm({
      title: t("documents.deleteTitle", { count }),
      children: (
        <Text size="sm" className="wrap-anywhere">
          {count === 1 ? t("document.deleteText", { name }) : t("documents.deleteText", { count })}
        </Text>
      ),
      labels: { confirm: t("document.delete"), cancel: t("cancel") },
      confirmProps: { color: "red" },
      closeButtonProps: { "aria-label": t("close") },
      onConfirm: () => {
        remove.mutate(documents);
        onDeleted?.();
      },
    });
  };
}
