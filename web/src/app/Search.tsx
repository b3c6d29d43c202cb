import {
  ActionIcon,
  Combobox,
  Kbd,
  Modal,
  ScrollArea,
  Text,
  TextInput,
  UnstyledButton,
  useCombobox,
} from "@mantine/core";
import { useDebouncedValue, useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconBooks, IconFile, IconMessage, IconMessages, IconSearch } from "@tabler/icons-react";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { leaf, shownName } from "../parts/names";

const WAIT_MS = 150;

const found = (text: string) =>
  queryOptions({
    queryKey: ["search", text],
    queryFn: ({ signal }) => told(api().GET("/v1/search", { params: { query: { q: text } }, signal })),
    enabled: text !== "",
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });

interface Hit {
  to: string;
  name: string;
  Icon: typeof IconFile;
}

function groupsOf(all: Schemas["Found"]): { kind: "bots" | "bases" | "documents" | "conversations"; hits: Hit[] }[] {
  // openapi-fetch widens tuples to arrays.
  const { bots, knowledge_bases, documents, conversations } = all;
  return [
    { kind: "bots", hits: bots.map((one) => ({ to: `/bots/${one.bot_id}`, name: one.name, Icon: IconMessage })) },
    {
      kind: "bases",
      hits: knowledge_bases.map((one) => ({ to: `/knowledge-bases/${one.kb_id}`, name: one.name, Icon: IconBooks })),
    },
    {
      kind: "documents",
      hits: documents.map((one) => ({
        to: `/knowledge-bases/${one.kb_id}/documents/${one.document_id}`,
        name: leaf(one.filename),
        Icon: IconFile,
      })),
    },
    {
      kind: "conversations",
      hits: conversations.map((one) => ({
        to: `/bots/${one.bot_id}/chat/${one.conversation_id}`,
        name: one.title,
        Icon: IconMessages,
      })),
    },
  ];
}

/** Find one's bots, knowledge bases, documents and conversations by a word; Ctrl+K or Command+K opens it. */
export function Search() {
  const { t } = useTranslation();
  const [isOpen, { open, close }] = useDisclosure();
  useHotkeys([["mod+K", open]], []);
  return (
    <>
      <UnstyledButton onClick={open} visibleFrom="sm" className="search-button" aria-keyshortcuts="Control+K Meta+K">
        <IconSearch size={16} aria-hidden />
        <Text size="sm" c="dimmed" flex={1}>
          {t("find.title")}
        </Text>
        <Kbd size="xs" aria-hidden>
          Ctrl K
        </Kbd>
      </UnstyledButton>
      <ActionIcon variant="subtle" size="lg" hiddenFrom="sm" onClick={open} aria-label={t("find.title")}>
        <IconSearch size={20} />
      </ActionIcon>
      <Modal
        opened={isOpen}
        onClose={close}
        withCloseButton={false}
        title={t("find.title")}
        styles={{ header: { display: "none" } }} // read aloud, not shown: the field says it
        size="lg"
        padding="xs"
        yOffset="8dvh"
      >
        <Finder onChosen={close} />
      </Modal>
    </>
  );
}

function Finder({ onChosen }: { onChosen: () => void }) {
  const { t } = useTranslation();
  const go = useNavigate();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), WAIT_MS);
  const { data, error, isFetching } = useQuery(found(asked));
  const combobox = useCombobox({ opened: true });
  const groups = asked && data ? groupsOf(data).filter((group) => group.hits.length > 0) : [];
  const isNothing = Boolean(asked && data && !isFetching && groups.length === 0);
  return (
    <Combobox
      store={combobox}
      withinPortal={false}
      onOptionSubmit={(to) => {
        onChosen();
        void go(to);
      }}
    >
      <Combobox.EventsTarget>
        <TextInput
          data-autofocus
          aria-label={t("find.title")}
          placeholder={t("find.hint")}
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.selectFirstOption();
          }}
        />
      </Combobox.EventsTarget>
      <ScrollArea.Autosize mah="60dvh" mt="xs" type="auto">
        <Combobox.Options aria-label={t("find.found")}>
          {groups.map(({ kind, hits }) => (
            <Combobox.Group key={kind} label={t(`find.kinds.${kind}`)}>
              {hits.map(({ to, name, Icon }) => (
                <Combobox.Option key={to} value={to} className="found">
                  <Icon size={16} aria-hidden />
                  <span className="wrap-anywhere" dir="auto">
                    {shownName(name) || t("chat.untitled")}
                  </span>
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
        </Combobox.Options>
        <Text size="sm" c="dimmed" p="xs" role="status">
          {error ? explain(error, t) : isNothing ? t("find.nothing", { text: asked }) : ""}
        </Text>
      </ScrollArea.Autosize>
    </Combobox>
  );
}
