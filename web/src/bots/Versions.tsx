import { Alert, Badge, Button, Card, Drawer, Group, Loader, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, everything, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { moment } from "../parts/format";
import type { Definition, Field } from "./definition";

const versions = (botId: string) =>
  queryOptions({
    queryKey: ["bots", botId, "versions"],
    queryFn: ({ signal }) =>
      everything((cursor) =>
        told(
          api().GET("/v1/bots/{bot_id}/versions", {
            params: { path: { bot_id: botId }, query: { cursor, limit: 100 } },
            signal,
          }),
        ),
      ),
  });

interface Props {
  bot: Schemas["Bot"];
  onRestored: (draft: Definition) => void;
  onClose: () => void;
}

/** What was published, the latest first; each can become the draft again. */
export function Versions({ bot, onRestored, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const found = useQuery(versions(bot.bot_id));
  const restore = useMutation({
    mutationFn: (version: number) =>
      told(
        api().POST("/v1/bots/{bot_id}/versions/{version}/restore", {
          params: { path: { bot_id: bot.bot_id, version: String(version) } },
        }),
      ),
    onSuccess: (changed, version) => {
      queries.setQueryData(["bots", bot.bot_id], changed);
      onRestored(changed.draft as Definition);
      notifications.show({ color: "teal", message: t("bot.isRestored", { version }) });
      onClose();
    },
    onError: (error) => notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) }),
  });
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      title={t("bot.versions")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <Stack>
        {found.isPending && <Loader role="status" aria-label={t("bot.versions")} />}
        {found.error && <Alert color="red">{explain(found.error, t)}</Alert>}
        {found.data?.map((one) => (
          <Card
            withBorder
            key={one.version}
            component="article"
            aria-label={t("bot.version", { version: one.version })}
          >
            <Group justify="space-between">
              <Text fw={600}>{t("bot.version", { version: one.version })}</Text>
              {one.version === bot.published_version && <Badge color="teal">{t("bot.live")}</Badge>}
            </Group>
            <Text size="sm" c="dimmed">
              {moment(one.published_at)}
            </Text>
            <Text size="sm">{t("bot.changedFields", { fields: named(one.changes as readonly string[], t) })}</Text>
            <Button
              mt="xs"
              size="compact-sm"
              variant="light"
              loading={restore.isPending && restore.variables === one.version}
              onClick={() => restore.mutate(one.version)}
            >
              {t("bot.restore")}
            </Button>
          </Card>
        ))}
      </Stack>
    </Drawer>
  );
}

/** The fields by their names in the form. */
export function named(fields: readonly string[], t: ReturnType<typeof useTranslation>["t"]): string {
  const names = fields.map((field) => t(`bot.fields.${field as Field}`));
  return names.join(", ") || t("bot.nothingChanged");
}
