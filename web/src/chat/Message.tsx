import { ActionIcon, Card, CopyButton, Group, Loader, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy, IconPencil, IconPlayerStopFilled, IconRefresh } from "@tabler/icons-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { moment } from "../parts/format";
import type { LiveAnswer } from "../sockets/liveAnswer";
import { Answer } from "./Answer";
import { Rating } from "./Rating";

type Message = Schemas["Message"];
const NONE: readonly Schemas["Citation"][] = [];

interface QuestionProps {
  content: string;
  at?: string | undefined;
  /** Ask it in other words; only the last question can be. */
  onEdit?: (() => void) | undefined;
}

/** What the person asked. */
export const Question = memo(function Question({ content, at, onEdit }: QuestionProps) {
  const { t } = useTranslation();
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap" className="message">
      {onEdit && (
        <ActionIcon variant="subtle" color="gray" onClick={onEdit} aria-label={t("talk.edit")}>
          <IconPencil size={16} />
        </ActionIcon>
      )}
      <Card bg="var(--mantine-primary-color-light)" maw="85%" py="xs" dir="auto" title={at && moment(at)}>
        <Text style={{ whiteSpace: "pre-wrap" }} className="wrap-anywhere">
          {content}
        </Text>
      </Card>
    </Group>
  );
});

interface AnswerProps {
  message: Message;
  conversationId: string;
  onCite: (messageId: string, n: number) => void;
  /** Make it anew; only the last answer can be. */
  onRegenerate?: (() => void) | undefined;
}

/** An answer with its sources, and what can be done with it. */
export const AnswerBubble = memo(function AnswerBubble({ message, conversationId, onCite, onRegenerate }: AnswerProps) {
  const { t } = useTranslation();
  const answer = message.answer;
  const text = answer?.text ?? message.content;
  const citations = answer?.citations ?? NONE;
  return (
    <Stack gap={4} maw="95%" component="article" aria-label={t("chat.answer")} className="message">
      <Answer text={text} citations={citations} onCite={(n) => onCite(message.message_id, n)} />
      {answer?.stopped && (
        <Text size="sm" c="dimmed">
          {t("talk.stopped")}
        </Text>
      )}
      {answer?.refused && (
        <Text size="sm" c="dimmed">
          {t("talk.refused")}
        </Text>
      )}
      <Group gap={4}>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={t("chat.copy")}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          )}
        </CopyButton>
        <Rating message={message} conversationId={conversationId} />
        {onRegenerate && (
          <ActionIcon variant="subtle" color="gray" onClick={onRegenerate} aria-label={t("talk.regenerate")}>
            <IconRefresh size={16} />
          </ActionIcon>
        )}
        <Text size="xs" c="dimmed" ms="xs">
          {moment(message.created_at)}
        </Text>
      </Group>
    </Stack>
  );
});

/** An answer while it grows; its sources come with its end. */
export function Growing({ answer, onStop }: { answer: LiveAnswer | undefined; onStop: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap={4} maw="95%" aria-label={t("talk.growing")} component="section" aria-busy="true">
      {answer?.text ? (
        <Answer text={answer.text} citations={NONE} onCite={() => undefined} />
      ) : (
        <Group gap="xs" c="dimmed">
          <Loader size="sm" type="dots" />
          <Text size="sm">{t("chat.thinking")}</Text>
        </Group>
      )}
      {answer && (
        <Group>
          <ActionIcon variant="light" onClick={onStop} aria-label={t("talk.stop")} title={t("talk.stop")}>
            <IconPlayerStopFilled size={16} />
          </ActionIcon>
        </Group>
      )}
    </Stack>
  );
}
