import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { confirm } from "../app/confirm";
import { shownName } from "../parts/names";
import { baseDeletions } from "./deletions";

type Base = Schemas["KnowledgeBase"];

/** Ask before a knowledge base is deleted with all that is in it, delete it, and go home. */
export function useAskDeleteBase(): (base: Base) => void {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const go = useNavigate();
  const remove = useMutation({
    mutationFn: (base: Base) =>
      told(api().DELETE("/v1/knowledge-bases/{kb_id}", { params: { path: { kb_id: base.kb_id } } })),
    onSuccess: (_, base) => {
      baseDeletions.add(base.kb_id);
      void go("/");
      queries.removeQueries({ queryKey: ["knowledge-bases", base.kb_id] });
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
      onConfirm: () => remove.mutate(base),
    });
  };
}
