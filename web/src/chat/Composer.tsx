import { ActionIcon, Button, Group, Text, Textarea } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

const LONGEST = 8_000;

interface Props {
  draftKey: string;
  busy: boolean;
  /** What the line begins with where the last question is asked in other words. */
  editing?: string | undefined;
  onCancel: () => void;
  onSend: (text: string) => void;
}

/** The line to type in; what is typed outlives a reload and an expired sign-in. */
export function Composer({ draftKey, busy, editing, onCancel, onSend }: Props) {
  const { t } = useTranslation();
  const isEdit = editing !== undefined;
  const key = `strata.typed.${draftKey}${isEdit ? ".edit" : ""}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? editing ?? "");
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
  const cancel = () => {
    type("");
    onCancel();
  };
  return (
    <div>
      {isEdit && (
        <Group gap="xs" mb={4}>
          <Text size="sm" c="dimmed">
            {t("talk.editing")}
          </Text>
          <Button size="compact-xs" variant="subtle" onClick={cancel}>
            {t("cancel")}
          </Button>
        </Group>
      )}
      <Textarea
        aria-label={t("chat.question")}
        placeholder={t("chat.placeholder")}
        value={text}
        autoFocus={isEdit}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && isEdit) cancel();
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={LONGEST}
        rightSection={
          <ActionIcon onClick={send} disabled={!text.trim()} loading={busy} aria-label={t("chat.send")}>
            <IconSend size={18} />
          </ActionIcon>
        }
      />
    </div>
  );
}
