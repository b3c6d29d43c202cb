import { Alert, Button, Grid, Group, Paper, Skeleton, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { api, told, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import { explain } from "../api/explain";
import { bot } from "../api/queries";
import { BotForm } from "../bots/BotForm";
import { BotHeading } from "../bots/BotHeading";
import { wrongIn, type Definition, type Field } from "../bots/definition";
import { Readiness } from "../bots/Readiness";
import { useDraft } from "../bots/useDraft";
import { Versions } from "../bots/Versions";
import { ChatPanel } from "../chat/ChatPanel";

/** Left the form, right a chat with the draft. */
export function BotEditor() {
  const { t } = useTranslation();
  const { botId = "" } = useParams();
  const found = useQuery(bot(botId));
  if (found.error && !found.data)
    return (
      <Alert color="red" role="alert" title={t("failure.title")}>
        {explain(found.error, t)}
      </Alert>
    );
  if (!found.data) return <Loading />;
  return <Editor key={botId} bot={found.data} />;
}

function Loading() {
  return (
    <Grid gap="lg" maw="96rem" mx="auto" aria-busy>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Skeleton h="calc(100dvh - 190px)" />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 7 }} visibleFrom="md">
        <Skeleton h="calc(100dvh - 190px)" />
      </Grid.Col>
    </Grid>
  );
}

/** What the API refused, by the field that its message begins with; nothing where it names none. */
function refusedFields(error: unknown): Partial<Record<Field, string>> {
  const [, field = "", said = ""] = (error instanceof ApiError && /^(\w+)[\w.[\]]*: (.+)$/s.exec(error.message)) || [];
  return field ? { [field]: said } : {};
}

function Editor({ bot: shown }: { bot: Schemas["Bot"] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [isLookingBack, lookBack] = useState(false);
  const draft = useDraft(shown.bot_id, (shown.draft ?? shown.published) as Definition);
  const path = { bot_id: shown.bot_id };
  const around = {
    onSettled: () => queries.invalidateQueries({ queryKey: ["bots"] }),
    onError: (error: unknown) =>
      notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) }),
  };
  const save = useMutation({
    mutationFn: (form: Definition) => told(api().PATCH("/v1/bots/{bot_id}", { params: { path }, body: form })),
    onSuccess: (saved, form) => {
      queries.setQueryData(["bots", shown.bot_id], saved);
      if (form === draft.form) draft.takeSaved(saved.draft as Definition);
    },
    ...around,
  });
  const publish = useMutation({
    mutationFn: async () => {
      if (draft.isChanged) await save.mutateAsync(draft.form);
      return told(api().POST("/v1/bots/{bot_id}/publish", { params: { path } }));
    },
    onSuccess: (published) => {
      queries.setQueryData(["bots", shown.bot_id], published);
      notifications.show({ color: "teal", message: t("bot.isPublished") });
    },
    ...around,
  });
  const isWrong = Object.keys(wrongIn(draft.form)).length > 0;
  const isNews = !shown.published || draft.isChanged || shown.changes.length > 0;
  return (
    <Stack maw="96rem" mx="auto">
      <BotHeading bot={shown} form={draft.form} onVersions={() => lookBack(true)}>
        <Button
          variant="default"
          disabled={!draft.isChanged || !draft.form.name.trim() || draft.isOvertaken}
          loading={save.isPending}
          onClick={() => save.mutate(draft.form)}
        >
          {t("bot.save")}
        </Button>
        <Button
          loading={publish.isPending}
          onClick={() => publish.mutate()}
          disabled={isWrong || !isNews || draft.isOvertaken}
        >
          {t("bot.publish")}
        </Button>
      </BotHeading>
      <Readiness kbIds={draft.form.kb_ids} />
      {draft.isOvertaken && <Overtaken onMine={draft.keepMine} onSaved={() => draft.takeSaved()} />}
      <Halves bot={shown} form={draft.form}>
        <BotForm form={draft.form} set={draft.set} refused={refusedFields(save.error)} />
      </Halves>
      {isLookingBack && <Versions bot={shown} onRestored={draft.takeSaved} onClose={() => lookBack(false)} />}
    </Stack>
  );
}

function Overtaken({ onMine, onSaved }: { onMine: () => void; onSaved: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="orange" role="alert" title={t("bot.overtaken")}>
      <Text size="sm">{t("bot.overtakenHint")}</Text>
      <Group mt="xs" gap="xs">
        <Button size="xs" variant="light" onClick={onSaved}>
          {t("bot.takeSaved")}
        </Button>
        <Button size="xs" variant="light" onClick={onMine}>
          {t("bot.keepMine")}
        </Button>
      </Group>
    </Alert>
  );
}

/** The form beside the draft's chat, on a phone below it; while a source is open on a narrow screen the chat has all the room. */
function Halves({ bot: shown, form, children }: { bot: Schemas["Bot"]; form: Definition; children: React.ReactNode }) {
  const { t } = useTranslation();
  const [query, setQuery] = useSearchParams();
  const isReading = query.has("cite");
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 5 }} order={{ base: 2, md: 1 }} {...(isReading && { visibleFrom: "xl" })}>
        {children}
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: isReading ? 12 : 7, xl: 7 }} order={{ base: 1, md: 2 }}>
        <Paper
          withBorder
          p="md"
          h={{ base: 520, md: "calc(100dvh - 190px)" }}
          component="section"
          aria-label={t("bot.try")}
        >
          <ChatPanel
            key={query.get("chat") ?? "new"}
            botId={shown.bot_id}
            definition={form}
            isDraft
            conversationId={query.get("chat") ?? undefined}
            onStarted={(id) =>
              setQuery(
                (old) => {
                  old.set("chat", id);
                  return old;
                },
                { replace: true },
              )
            }
          />
        </Paper>
      </Grid.Col>
    </Grid>
  );
}
