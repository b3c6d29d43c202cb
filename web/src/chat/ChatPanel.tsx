import { ActionIcon, Alert, Button, Card, CopyButton, Group, Loader, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCheck, IconCopy, IconSend, IconThumbDown, IconThumbUp } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { Answer } from "./Answer";
import { SourcePanel } from "./SourcePanel";
import { useConversation } from "./useConversation";
import { useOpenCitation } from "./useOpenCitation";
import { useStickToEnd } from "./useStickToEnd";

interface Props {
  botId: string;
  definition: Schemas["BotDefinition"] | null;
  isDraft: boolean;
  conversationId: string | undefined;
  onStarted: (conversationId: string) => void;
}

/** A conversation: questions, answers with their sources beside them, and the line to type in. */
export function ChatPanel({ botId, definition, isDraft, conversationId, onStarted }: Props) {
  const { t } = useTranslation();
  const { messages, pending, isLoading, error, ask, askAgain } = useConversation({
    botId,
    isDraft,
    conversationId,
    onStarted,
  });
  const [open, setOpen] = useOpenCitation();
  const log = useStickToEnd([messages.length, pending]);
  const cited = messages.find((one) => one.message_id === open?.messageId)?.answer?.citations ?? [];
  const isEmpty = messages.length === 0 && !pending && !isLoading;
  return (
    <Group align="stretch" wrap="nowrap" gap="md" h="100%" mih={0}>
      <Stack flex={1} miw={0} h="100%" justify="space-between">
        <Stack
          ref={log}
          gap="md"
          role="log"
          aria-live="polite"
          aria-label={t("chat.conversation")}
          style={{ overflowY: "auto" }}
        >
          {isLoading && <Loader role="status" aria-label={t("chat.loading")} />}
          {error && <Alert color="red">{explain(error, t)}</Alert>}
          {isEmpty && <Starters definition={definition} onAsk={ask} />}
          {messages.map((message) => (
            <Bubble
              key={message.message_id}
              message={message}
              conversationId={conversationId ?? ""}
              onCite={(n) => setOpen({ messageId: message.message_id, n })}
            />
          ))}
          {pending && (
            <>
              <Question content={pending.content} />
              {pending.error ? (
                <Alert color="red" role="alert" title={t("chat.noAnswer")}>
                  <Group justify="space-between">
                    <Text size="sm">{explain(pending.error, t)}</Text>
                    <Button size="xs" variant="light" color="red" onClick={askAgain}>
                      {t("chat.again")}
                    </Button>
                  </Group>
                </Alert>
              ) : (
                <Group gap="xs" c="dimmed">
                  <Loader size="sm" type="dots" />
                  <Text size="sm">{t("chat.thinking")}</Text>
                </Group>
              )}
            </>
          )}
        </Stack>
        <Composer
          draftKey={`${botId}/${conversationId ?? "new"}`}
          busy={Boolean(pending && !pending.error)}
          onSend={ask}
        />
      </Stack>
      {open && <SourcePanel citations={cited} open={open.n} onClose={() => setOpen(undefined)} />}
    </Group>
  );
}

function Starters({
  definition,
  onAsk,
}: {
  definition: Schemas["BotDefinition"] | null;
  onAsk: (text: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <Stack align="center" py="xl">
      <Text size="lg" fw={600} ta="center">
        {t("chat.hello", { name: definition?.name ?? "" })}
      </Text>
      <Text c="dimmed" ta="center" maw={420}>
        {definition?.description || t("chat.helloHint")}
      </Text>
      {definition?.starter_questions.map((question) => (
        <Button
          key={question}
          variant="default"
          h="auto"
          mih={36}
          py={6}
          maw="100%"
          styles={{ label: { whiteSpace: "normal", overflowWrap: "anywhere" } }}
          onClick={() => onAsk(question)}
        >
          {question}
        </Button>
      ))}
    </Stack>
  );
}

function Question({ content }: { content: string }) {
  return (
    <Card bg="var(--mantine-primary-color-light)" ml="auto" maw="85%" py="xs" dir="auto">
      <Text style={{ whiteSpace: "pre-wrap" }} className="wrap-anywhere">
        {content}
      </Text>
    </Card>
  );
}

function Bubble({
  message,
  conversationId,
  onCite,
}: {
  message: Schemas["Message"];
  conversationId: string;
  onCite: (n: number) => void;
}) {
  const { t } = useTranslation();
  if (message.role === "user") return <Question content={message.content} />;
  const answer = message.answer;
  return (
    <Stack gap={4} maw="95%" component="article" aria-label={t("chat.answer")}>
      <Answer text={answer?.text ?? message.content} citations={answer?.citations ?? []} onCite={onCite} />
      <Group gap={4}>
        <CopyButton value={answer?.text ?? message.content}>
          {({ copied, copy }) => (
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={t("chat.copy")}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          )}
        </CopyButton>
        <Rating message={message} conversationId={conversationId} />
      </Group>
    </Stack>
  );
}

function Rating({ message, conversationId }: { message: Schemas["Message"]; conversationId: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const rate = useMutation({
    mutationFn: (rating: "up" | "down") =>
      told(
        api().PUT("/v1/conversations/{conversation_id}/messages/{message_id}/feedback", {
          params: { path: { conversation_id: conversationId, message_id: message.message_id } },
          body: { rating, comment: message.feedback?.comment ?? "" },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["conversations", conversationId] }),
    onError: (error) => notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) }),
  });
  return (["up", "down"] as const).map((rating) => (
    <ActionIcon
      key={rating}
      variant={message.feedback?.rating === rating ? "light" : "subtle"}
      color={message.feedback?.rating === rating ? "strata" : "gray"}
      aria-pressed={message.feedback?.rating === rating}
      aria-label={t(`chat.${rating}`)}
      onClick={() => rate.mutate(rating)}
    >
      {rating === "up" ? <IconThumbUp size={16} /> : <IconThumbDown size={16} />}
    </ActionIcon>
  ));
}

/** The line to type in; what is typed outlives a reload and an expired sign-in. */
function Composer({ draftKey, busy, onSend }: { draftKey: string; busy: boolean; onSend: (text: string) => void }) {
  const { t } = useTranslation();
  const key = `strata.typed.${draftKey}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const type = (value: string) => {
    setText(value);
    if (value) sessionStorage.setItem(key, value);
    else sessionStorage.removeItem(key);
  };
  const send = () => {
    if (!text.trim() || busy) return;
    onSend(text.trim());
    type("");
  };
  return (
    <Textarea
      aria-label={t("chat.question")}
      placeholder={t("chat.placeholder")}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
        event.preventDefault();
        send();
      }}
      autosize
      minRows={1}
      maxRows={8}
      maxLength={8_000}
      rightSection={
        <ActionIcon onClick={send} disabled={!text.trim()} loading={busy} aria-label={t("chat.send")}>
          <IconSend size={18} />
        </ActionIcon>
      }
    />
  );
}
