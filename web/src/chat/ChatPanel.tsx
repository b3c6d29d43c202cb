import { Alert, Button, Group, Loader, Stack, Text } from "@mantine/core";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { explain } from "../api/explain";
import { Askable, Suggestions } from "./Askable";
import { Composer } from "./Composer";
import { AnswerBubble, Growing, Question } from "./Message";
import { SourcePanel } from "./SourcePanel";
import { useConversation } from "./useConversation";
import { useOpenCitation } from "./useOpenCitation";
import { useStickToEnd } from "./useStickToEnd";
import { useWindow } from "./useWindow";

const NONE: readonly string[] = [];

interface Props {
  botId: string;
  definition: Schemas["BotDefinition"] | null;
  isDraft: boolean;
  conversationId: string | undefined;
  onStarted: (conversationId: string) => void;
}

/** A conversation: questions, answers with their sources beside them, and the line to type in. */
export function ChatPanel({ botId, definition, isDraft, conversationId, onStarted }: Props) {
  const talk = useConversation({ botId, isDraft, conversationId, onStarted });
  const [open, setOpen] = useOpenCitation();
  const [edited, setEdited] = useState<string>();
  const cite = useCallback((messageId: string, n: number) => setOpen({ messageId, n }), [setOpen]);
  const cited = talk.messages.find((one) => one.message_id === open?.messageId)?.answer?.citations ?? [];
  const send = (content: string) => {
    if (edited) talk.edit(edited, content);
    else talk.ask(content);
    setEdited(undefined);
  };
  return (
    <Group align="stretch" wrap="nowrap" gap="md" h="100%" mih={0}>
      <Stack flex={1} miw={0} h="100%" justify="space-between">
        <Log
          talk={talk}
          conversationId={conversationId ?? ""}
          definition={definition}
          onCite={cite}
          onEdit={setEdited}
        />
        <Composer
          key={edited ?? ""}
          draftKey={`${botId}/${conversationId ?? "new"}`}
          busy={talk.isBusy}
          editing={edited && talk.question?.content}
          onCancel={() => setEdited(undefined)}
          onSend={send}
        />
      </Stack>
      {open && <SourcePanel citations={cited} open={open.n} onClose={() => setOpen(undefined)} />}
    </Group>
  );
}

interface LogProps {
  talk: ReturnType<typeof useConversation>;
  conversationId: string;
  definition: Schemas["BotDefinition"] | null;
  onCite: (messageId: string, n: number) => void;
  onEdit: (messageId: string) => void;
}

/** What was said so far. */
function Log({ talk, conversationId, definition, onCite, onEdit }: LogProps) {
  const { t } = useTranslation();
  const { messages, question, pending, growing, isBusy, isLoading } = talk;
  const log = useStickToEnd();
  const { part, more } = useWindow(messages);
  const isEmpty = messages.length === 0 && !pending && !growing && !isLoading;
  const isUnanswered = question && messages.at(-1) === question && !isBusy && !pending;
  const again = question && !isBusy ? () => talk.regenerate(question.message_id, question.content) : undefined;
  return (
    <Stack
      ref={log}
      gap="md"
      role="log"
      aria-live="polite"
      aria-label={t("chat.conversation")}
      style={{ overflowY: "auto" }}
    >
      <div ref={more} />
      {isLoading && <Loader role="status" aria-label={t("chat.loading")} />}
      {talk.error && <Alert color="red">{explain(talk.error, t)}</Alert>}
      {isEmpty && <Starters definition={definition} onAsk={talk.ask} />}
      {part.map((message) =>
        message.role === "user" ? (
          <Question
            key={message.message_id}
            content={message.content}
            at={message.created_at}
            onEdit={message === question && !isBusy ? () => onEdit(message.message_id) : undefined}
          />
        ) : (
          <AnswerBubble
            key={message.message_id}
            message={message}
            conversationId={conversationId}
            onCite={onCite}
            onRegenerate={message === messages.at(-1) ? again : undefined}
          />
        ),
      )}
      <Next talk={talk} definition={definition} />
      {isUnanswered && again && <NoAnswer onAgain={again} />}
    </Stack>
  );
}

/** What comes after the last message: the question that waits, or what could be asked. */
function Next({ talk, definition }: Pick<LogProps, "talk" | "definition">) {
  if (talk.isBusy || talk.pending) return <Waiting talk={talk} />;
  const answer = talk.messages.at(-1)?.answer;
  if (!answer?.refused) return <Suggestions questions={answer?.suggestions ?? NONE} onAsk={talk.ask} />;
  // What stands beside something that is no answer leads nowhere: the bot's own questions do.
  const isAsked = (question: string) => talk.messages.some((message) => message.content === question);
  const left = definition?.starter_questions.filter((question) => !isAsked(question)) ?? NONE;
  return <Suggestions questions={left} onAsk={talk.ask} />;
}

/** The question that waits, and its answer as far as it has come. */
function Waiting({ talk }: { talk: ReturnType<typeof useConversation> }) {
  const { t } = useTranslation();
  const { pending, growing } = talk;
  const asked = pending?.replaces?.by === "regenerate" ? undefined : (pending?.content ?? growing?.question);
  if (!pending && !growing) return null;
  return (
    <>
      {asked && !talk.isAskedAbove && <Question content={asked} />}
      {pending?.error ? (
        <NoAnswer
          reason={explain(pending.error, t)}
          onAgain={talk.askAgain}
          {...(pending.replaces && { onCancel: talk.giveUp })}
        />
      ) : (
        <Growing answer={growing} onStop={talk.stop} />
      )}
    </>
  );
}

function NoAnswer(props: { reason?: string; onAgain: () => void; onCancel?: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="red" role="alert" title={t("chat.noAnswer")}>
      <Group justify="space-between">
        <Text size="sm">{props.reason}</Text>
        <Group gap="xs">
          {props.onCancel && (
            <Button size="xs" variant="subtle" color="red" onClick={props.onCancel}>
              {t("cancel")}
            </Button>
          )}
          <Button size="xs" variant="light" color="red" onClick={props.onAgain}>
            {t("chat.again")}
          </Button>
        </Group>
      </Group>
    </Alert>
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
      <Askable questions={definition?.starter_questions ?? []} onAsk={onAsk} />
    </Stack>
  );
}
