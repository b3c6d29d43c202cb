import { ActionIcon, Badge, Button, Group, Menu, Title, Tooltip } from "@mantine/core";
import { IconChartBar, IconDots, IconHistory, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { shownName } from "../parts/names";
import { BotPicture } from "./BotPicture";
import type { Definition } from "./definition";
import { useAskDeleteBot } from "./useAskDeleteBot";
import { named } from "./Versions";

interface Props {
  bot: Schemas["Bot"];
  form: Definition;
  children: React.ReactNode;
  onVersions: () => void;
}

/** The bot's name, how its draft stands to what is published, and what can be done with it. */
export function BotHeading({ bot, form, children, onVersions }: Props) {
  const { t } = useTranslation();
  const askDelete = useAskDeleteBot(bot);
  return (
    <Group justify="space-between">
      <Group gap="sm" miw={0}>
        <BotPicture picture={form.picture} name={form.name} size={36} />
        <Title order={1} size="h3" className="wrap-anywhere">
          {shownName(form.name) || t("bot.unnamed")}
        </Title>
        <Badge variant="default">
          {bot.published ? t("bot.version", { version: bot.published_version }) : t("bots.draft")}
        </Badge>
        {bot.published && bot.changes.length > 0 && (
          <Tooltip label={t("bot.changedFields", { fields: named(bot.changes as readonly string[], t) })}>
            <Badge color="orange" variant="light" tabIndex={0}>
              {t("bot.unpublished")}
            </Badge>
          </Tooltip>
        )}
      </Group>
      <Group gap={6}>
        {bot.published && (
          <Button variant="default" component={Link} to={`/bots/${bot.bot_id}/chat`}>
            {t("bots.chat")}
          </Button>
        )}
        {children}
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label={t("bot.more")}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {bot.published && (
              <>
                <Menu.Item component={Link} to={`/bots/${bot.bot_id}/usage`} leftSection={<IconChartBar size={16} />}>
                  {t("usage.title")}
                </Menu.Item>
                <Menu.Item leftSection={<IconHistory size={16} />} onClick={onVersions}>
                  {t("bot.versions")}
                </Menu.Item>
                <Menu.Divider />
              </>
            )}
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={askDelete}>
              {t("bot.delete")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Group>
  );
}
