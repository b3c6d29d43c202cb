import { Button, Group, Modal, Stack, TagsInput, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { shownName } from "../parts/names";
import { useTag } from "./actions";
import type { Document } from "./useDocuments";

const MOST = 20;

/** The tags of a document, which bots and searches can be narrowed to. */
export function TagsDialog({ kbId, document, onClose }: { kbId: string; document: Document; onClose: () => void }) {
  const { t } = useTranslation();
  const [tags, setTags] = useState<string[]>(document.tags);
  const save = useTag(kbId, tags);
  return (
    <Modal opened onClose={onClose} title={t("documents.tags")} closeButtonProps={{ "aria-label": t("close") }}>
      <Stack>
        <Text size="sm" className="wrap-anywhere" dir="auto">
          {shownName(document.filename)}
        </Text>
        <TagsInput
          label={t("documents.tags")}
          description={t("documents.tagsHint")}
          value={tags}
          onChange={setTags}
          maxTags={MOST}
          maxLength={1_024}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button loading={save.isPending} onClick={() => save.mutate([document], { onSuccess: onClose })}>
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
