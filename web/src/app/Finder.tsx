import { Combobox, Modal, ScrollArea, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
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

/** The window with a field and what is found by it; loaded when it is first opened. */
export default function Finder({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      withCloseButton={false}
      title={t("find.title")}
      styles={{ header: { display: "none" } }} // read aloud, not shown: the field says it
      size="lg"
      padding="xs"
      yOffset="8dvh"
    >
      <Field onChosen={onClose} />
    </Modal>
  );
}

function Field({ onChosen }: { onChosen: () => void }) {
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
