import { Alert, Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { explain } from "../api/explain";
import { useChangeBase } from "./useChangeBase";

interface Props {
  kbId: string;
  base: Schemas["KnowledgeBase"];
  onClose: () => void;
}

/** Name and description of a knowledge base. */
export function DetailsDialog({ kbId, base, onClose }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState(base.name);
  const [description, setDescription] = useState(base.description);
  const change = useChangeBase(kbId);
  return (
    <Modal opened onClose={onClose} title={t("baseMenu.details")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ name: name.trim(), description }, { onSuccess: onClose });
        }}
      >
        <Stack>
          <TextInput
            label={t("baseMenu.name")}
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <Textarea
            label={t("baseMenu.description")}
            maxLength={1_000}
            autosize
            minRows={2}
            maxRows={8}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {change.error && (
            <Alert color="red" role="alert">
              {explain(change.error, t)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("cancel")}
            </Button>
            <Button type="submit" loading={change.isPending} disabled={!name.trim()}>
              {t("save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
