import { Alert, Box, Button, Group, Stack, Title } from "@mantine/core";
import { IconHistory, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { explain } from "../api/explain";
import { bot } from "../api/queries";
import { ChatPanel } from "../chat/ChatPanel";
import { ConversationList } from "../chat/ConversationList";

/** Talk to a published bot. */
export function Chat() {
  const { t } = useTranslation();
  const { botId = "", conversationId } = useParams();
  const go = useNavigate();
  const found = useQuery(bot(botId));
  const [isListing, list] = useState(false);
  if (found.error && !found.data)
    return (
      <Alert color="red" role="alert" title={t("failure.title")}>
        {explain(found.error, t)}
      </Alert>
    );
  return (
    <Stack h="calc(100dvh - 56px - 2 * var(--mantine-spacing-md))" maw="var(--strata-page)" mx="auto">
      <Group justify="space-between">
        <Title order={1} size="h3" className="wrap-anywhere">
          {found.data?.published?.name ?? found.data?.draft?.name ?? "…"}
        </Title>
        <Group gap="xs">
          <Button variant="default" size="xs" leftSection={<IconHistory size={16} />} onClick={() => list(true)}>
            {t("chat.earlier")}
          </Button>
          <Button component={Link} to={`/bots/${botId}/chat`} size="xs" leftSection={<IconPlus size={16} />}>
            {t("chat.new")}
          </Button>
        </Group>
      </Group>
      <Box flex={1} mih={0}>
        <ChatPanel
          key={conversationId ?? "new"}
          botId={botId}
          definition={found.data?.published ?? null}
          isDraft={false}
          conversationId={conversationId}
          onStarted={(id) => void go(`/bots/${botId}/chat/${id}`, { replace: true })}
        />
      </Box>
      {isListing && <ConversationList botId={botId} current={conversationId} onClose={() => list(false)} />}
    </Stack>
  );
}
