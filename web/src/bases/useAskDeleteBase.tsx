import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useIsMutating, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { confirm } from "../app/confirm";
import { shownName } from "../parts/names";
import { baseDeletions, useBaseDeletions } from "./deletions";

type Base = Schemas["KnowledgeBase"];

const deletionOf = (kbId: string) => ["delete-knowledge-base", kbId];

/** Is the knowledge base being deleted in this tab, or was it just now? What asks for it gets a 404 from then on. */
export function useIsLeaving(kbId: string): { isDeleting: boolean; isDeleted: boolean } {
  const isDeleting = useIsMutating({ mutationKey: deletionOf(kbId) }) > 0;
  return { isDeleting, isDeleted: useBaseDeletions().includes(kbId) };
}

/** Ask before a knowledge base is deleted with all that is in it, and delete it. */
export function useAskDeleteBase(kbId: string): (base: Base) => void {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationKey: deletionOf(kbId),
    mutationFn: () => told(api().DELETE("/v1/knowledge-bases/{kb_id}", { params: { path: { kb_id: kbId } } })),
    onSuccess: () => {
      baseDeletions.add(kbId);
      void queries.invalidateQueries({ queryKey: ["knowledge-bases"], exact: true });
    },
    onError: (error) => notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) }),
  });
  return (base) => {
    const count = Object.values(base.documents).reduce((sum, one) => sum + one, 0);
    confirm({
      title: t("baseMenu.deleteTitle"),
      children: (
        <Text size="sm" className="wrap-anywhere">
          {t("baseMenu.deleteText", { name: shownName(base.name), count })}
        </Text>
      ),
      labels: { confirm: t("baseMenu.delete"), cancel: t("cancel") },
      confirmProps: { color: "red" },
      closeButtonProps: { "aria-label": t("close") },
      onConfirm: () => remove.mutate(),
    });
  };
}
