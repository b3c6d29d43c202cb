import {
  Alert,
  Badge,
  Button,
  Grid,
  Group,
  MultiSelect,
  Paper,
  Stack,
  TagsInput,
  Textarea,
  TextInput,
  Title,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { api, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { bot, knowledgeBases } from "../api/queries";
import { ChatPanel } from "../chat/ChatPanel";
import { UploadList } from "../documents/UploadList";

type Definition = Schemas["BotDefinition"];

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
  if (!found.data) return null;
  return <Editor key={botId} bot={found.data} />;
}

function Editor({ bot: shown }: { bot: Schemas["Bot"] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [query, setQuery] = useSearchParams();
  const start = (shown.draft ?? shown.published) as Definition;
  const key = `strata.bot.${shown.bot_id}`;
  const [form, setForm] = useState<Definition>(() => ({
    ...start,
    ...(JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<Definition>),
  }));
  const isChanged = JSON.stringify(form) !== JSON.stringify(start);
  useEffect(() => {
    if (isChanged) sessionStorage.setItem(key, JSON.stringify(form));
    else sessionStorage.removeItem(key);
  }, [form, isChanged, key]);
  const told_ = {
    onSettled: () => queries.invalidateQueries({ queryKey: ["bots"] }),
    onError: (error: unknown) =>
      notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) }),
  };
  const path = { bot_id: shown.bot_id };
  const save = useMutation({
    mutationFn: () => told(api().PATCH("/v1/bots/{bot_id}", { params: { path }, body: form })),
    onSuccess: (saved) => queries.setQueryData(["bots", shown.bot_id], saved),
    ...told_,
  });
  const publish = useMutation({
    mutationFn: async () => {
      if (isChanged) await save.mutateAsync();
      return told(api().POST("/v1/bots/{bot_id}/publish", { params: { path } }));
    },
    onSuccess: () => notifications.show({ color: "teal", message: t("bot.isPublished") }),
    ...told_,
  });
  const set = (news: Partial<Definition>) => setForm((old) => ({ ...old, ...news }));
  const bases = useQuery(knowledgeBases()).data ?? [];
  return (
    <Stack maw="96rem" mx="auto">
      <Group justify="space-between">
        <Group>
          <Title order={1} size="h3" className="wrap-anywhere">
            {form.name || t("bot.unnamed")}
          </Title>
          <Badge variant="default">
            {shown.published ? t("bot.version", { version: shown.published_version }) : t("bots.draft")}
          </Badge>
        </Group>
        <Group gap="xs">
          {shown.published && (
            <Button variant="default" component={Link} to={`/bots/${shown.bot_id}/chat`}>
              {t("bots.chat")}
            </Button>
          )}
          <Button variant="default" disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate()}>
            {t("bot.save")}
          </Button>
          <Button loading={publish.isPending} onClick={() => publish.mutate()} disabled={!form.kb_ids.length}>
            {t("bot.publish")}
          </Button>
        </Group>
      </Group>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack>
            {form.kb_ids.map((kbId) => (
              <UploadList key={kbId} kbId={kbId} />
            ))}
            <TextInput
              label={t("bot.name")}
              required
              maxLength={100}
              value={form.name}
              onChange={(e) => set({ name: e.currentTarget.value })}
            />
            <TextInput
              label={t("bot.description")}
              maxLength={500}
              value={form.description}
              onChange={(e) => set({ description: e.currentTarget.value })}
            />
            <MultiSelect
              label={t("bot.bases")}
              description={t("bot.basesHint")}
              data={bases.map((base) => ({ value: base.kb_id, label: base.name }))}
              value={form.kb_ids}
              onChange={(kb_ids) => set({ kb_ids })}
            />
            <Textarea
              label={t("bot.instructions")}
              description={t("bot.instructionsHint")}
              autosize
              minRows={4}
              maxRows={16}
              value={form.instructions}
              onChange={(e) => set({ instructions: e.currentTarget.value })}
            />
            <TagsInput
              label={t("bot.starters")}
              description={t("bot.startersHint")}
              value={form.starter_questions}
              onChange={(starter_questions) => set({ starter_questions })}
            />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
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
    </Stack>
  );
}
