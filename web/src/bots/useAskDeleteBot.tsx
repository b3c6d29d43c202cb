import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { confirm } from "../app/confirm";
import { shownName } from "../parts/names";

/** Ask before a bot is deleted, then delete it and go Home. */
export function useAskDeleteBot(bot: Schemas["Bot"]): () => void {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const go = useNavigate();
  const remove = useMutation({
    mutationFn: () => told(api().DELETE("/v1/bots/{bot_id}", { params: { path: { bot_id: bot.bot_id } } })),
    onSuccess: async () => {
      sessionStorage.removeItem(`strata.bot.${bot.bot_id}`);
      await go("/", { replace: true });
      queries.removeQueries({ queryKey: ["bots", bot.bot_id] });
      await queries.invalidateQueries({ queryKey: ["bots"] });
    },
    onError: (error) => notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) }),
  });
  const name = shownName(bot.draft?.name ?? bot.published?.name ?? "");
  return () =>
    confirm({
      title: t("bot.deleteTitle"),
      children: (
        <Text size="sm" className="wrap-anywhere">
          {t(bot.published ? "bot.deletePublished" : "bot.deleteText", { name })}
        </Text>
      ),
      labels: { confirm: t("document.delete"), cancel: t("cancel") },
      confirmProps: { color: "red" },
      closeButtonProps: { "aria-label": t("close") },
      onConfirm: () => remove.mutate(),
    });
}
