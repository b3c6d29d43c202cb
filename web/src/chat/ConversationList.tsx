import { ActionIcon, Alert, Button, Drawer, Group, Loader, Menu, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconDots, IconDownload, IconPencil, IconSearch, IconTrash } from "@tabler/icons-react";
import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api, everything, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { confirm } from "../app/confirm";
import { ago } from "../parts/format";
import { shownName } from "../parts/names";
import { asMarkdown, fileName, save } from "./markdown";

type Conversation = Pick<Schemas["Conversation"], "conversation_id" | "bot_id" | "title" | "updated_at">;
const WAIT_MS = 200;

const conversations = (text: string) =>
  queryOptions({
    queryKey: ["conversations", "found", text],
    queryFn: ({ signal }) =>
      everything((cursor) =>
        told(api().GET("/v1/conversations", { params: { query: { cursor, limit: 100, q: text } }, signal })),
      ),
    placeholderData: keepPreviousData,
  });

interface Props {
  botId: string;
  current: string | undefined;
  onClose: () => void;
}

/** The person's conversations with a bot: found by words, renamed, saved, deleted. */
export function ConversationList({ botId, current, onClose }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), WAIT_MS);
  const found = useQuery(conversations(asked));
  const own = (found.data ?? []).filter((one) => one.bot_id === botId);
  return (
    <Drawer opened onClose={onClose} title={t("talk.all")} closeButtonProps={{ "aria-label": t("close") }}>
      <Stack gap="xs">
        <TextInput
          aria-label={t("talk.search")}
          placeholder={t("talk.search")}
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
        {found.isPending && <Loader role="status" aria-label={t("talk.all")} />}
        {found.error && <Alert color="red">{explain(found.error, t)}</Alert>}
        {found.isSuccess && own.length === 0 && (
          <Text size="sm" c="dimmed" role="status">
            {t(asked ? "talk.noneFound" : "talk.none")}
          </Text>
        )}
        <Stack gap={0} component="ul" m={0} p={0} style={{ listStyle: "none" }}>
          {own.map((one) => (
            <Row key={one.conversation_id} conversation={one} isOpen={one.conversation_id === current} onGo={onClose} />
          ))}
        </Stack>
      </Stack>
    </Drawer>
  );
}

function Row({ conversation, isOpen, onGo }: { conversation: Conversation; isOpen: boolean; onGo: () => void }) {
  const { t } = useTranslation();
  const title = shownName(conversation.title) || t("chat.untitled");
  const path = `/bots/${conversation.bot_id}/chat/${conversation.conversation_id}`;
  return (
    <Group component="li" wrap="nowrap" gap={4} py={6}>
      <Link to={path} onClick={onGo} className="conversation" aria-current={isOpen ? "page" : undefined}>
        <Text size="sm" truncate="end" fw={isOpen ? 600 : 400} dir="auto">
          {title}
        </Text>
        <Text size="xs" c="dimmed">
          {ago(conversation.updated_at)}
        </Text>
      </Link>
      <Actions conversation={conversation} title={title} isOpen={isOpen} />
    </Group>
  );
}

function Actions({ conversation, title, isOpen }: { conversation: Conversation; title: string; isOpen: boolean }) {
  const { t } = useTranslation();
  const [isNaming, name] = useState(false);
  const { remove, exported } = useChanges(conversation, title, isOpen);
  const askDelete = () =>
    confirm({
      title: t("talk.deleteTitle"),
      children: (
        <Text size="sm" className="wrap-anywhere">
          {t("talk.deleteText", { title })}
        </Text>
      ),
      labels: { confirm: t("talk.delete"), cancel: t("cancel") },
      confirmProps: { color: "red" },
      closeButtonProps: { "aria-label": t("close") },
      onConfirm: () => remove.mutate(),
    });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t("talk.actions", { title })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => name(true)}>
            {t("talk.rename")}
          </Menu.Item>
          <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => exported.mutate()}>
            {t("talk.export")}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={askDelete}>
            {t("talk.delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isNaming && <NameDialog conversation={conversation} onClose={() => name(false)} />}
    </>
  );
}

function useChanges(conversation: Conversation, title: string, isOpen: boolean) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const go = useNavigate();
  const path = { conversation_id: conversation.conversation_id };
  const onError = (error: unknown) =>
    notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) });
  const remove = useMutation({
    mutationFn: () => told(api().DELETE("/v1/conversations/{conversation_id}", { params: { path } })),
    onSuccess: async () => {
      if (isOpen) await go(`/bots/${conversation.bot_id}/chat`, { replace: true });
      await queries.invalidateQueries({ queryKey: ["conversations", "found"] });
      await queries.invalidateQueries({ queryKey: ["bots", conversation.bot_id, "conversations"] });
    },
    onError,
  });
  const exported = useMutation({
    mutationFn: () => told(api().GET("/v1/conversations/{conversation_id}", { params: { path } })),
    onSuccess: (found) => {
      const words = { sources: t("talk.sources"), page: (page: number) => t("talk.page", { page }) };
      const messages = found.messages as unknown as Schemas["Message"][];
      save(fileName(title), asMarkdown(title, messages, words));
    },
    onError,
  });
  return { remove, exported };
}

function NameDialog({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [title, setTitle] = useState(conversation.title);
  const rename = useMutation({
    mutationFn: () =>
      told(
        api().PATCH("/v1/conversations/{conversation_id}", {
          params: { path: { conversation_id: conversation.conversation_id } },
          body: { title: title.trim() },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["conversations", "found"] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t("talk.rename")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          rename.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t("talk.name")}
            maxLength={200}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
            data-autofocus
          />
          {rename.error && (
            <Alert color="red" role="alert">
              {explain(rename.error, t)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("cancel")}
            </Button>
            <Button type="submit" loading={rename.isPending} disabled={!title.trim()}>
              {t("save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
