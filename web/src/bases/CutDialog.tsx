import { Alert, Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { explain } from "../api/explain";
import { strategies, useStrategyWords } from "./strategies";
import { useChangeBase } from "./useChangeBase";

interface Props {
  kbId: string;
  base: Schemas["KnowledgeBase"];
  onClose: () => void;
}

/** How the documents of a knowledge base are cut; another way reads them all again. */
export function CutDialog({ kbId, base, onClose }: Props) {
  const { t } = useTranslation();
  const words = useStrategyWords();
  const listed = useQuery(strategies());
  const [chosen, choose] = useState(base.chunking);
  const change = useChangeBase(kbId);
  const failure = listed.error ?? change.error;
  const count = Object.values(base.documents).reduce((sum, one) => sum + one, 0);
  return (
    <Modal opened onClose={onClose} title={t("baseMenu.cut")} size="lg" closeButtonProps={{ "aria-label": t("close") }}>
      <Stack>
        <Text size="sm">{t("cut.why")}</Text>
        <Radio.Group aria-label={t("baseMenu.cut")} value={chosen} onChange={choose}>
          <Stack gap="sm">
            {(listed.data?.items ?? []).map((one) => (
              <Radio
                key={one.name}
                value={one.name}
                label={words(one).title}
                description={words(one).text}
                styles={{ description: { overflowWrap: "anywhere" } }}
              />
            ))}
          </Stack>
        </Radio.Group>
        {chosen !== base.chunking && count > 0 && <Alert color="blue">{t("cut.rebuilds", { count })}</Alert>}
        {failure && (
          <Alert color="red" role="alert">
            {explain(failure, t)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button
            disabled={chosen === base.chunking}
            loading={change.isPending}
            onClick={() => change.mutate({ chunking: chosen }, { onSuccess: onClose })}
          >
            {t("cut.use")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
