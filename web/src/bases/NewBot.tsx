import { Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { explain } from "../api/explain";
import { bot } from "../api/queries";
import { DropArea } from "../parts/DropArea";
import { freeName } from "../parts/names";
import { makeBot, nameOf, sampleFiles, type Plan } from "./makeBot";

interface Props {
  big: boolean;
  /** Names of knowledge bases that are there already. */
  taken: readonly string[];
}

/** Drop files: a knowledge base with them, a bot over it, and its editor with a chat to try. */
export function NewBot({ big, taken }: Props) {
  const { t } = useTranslation();
  const go = useNavigate();
  const queries = useQueryClient();
  const made = useMutation({
    mutationFn: async (plan: () => Promise<Plan>) => makeBot(await plan()),
    onSuccess: (made) => {
      queries.setQueryData(bot(made.bot_id).queryKey, made);
      void queries.invalidateQueries({ queryKey: ["bots"] });
      void queries.invalidateQueries({ queryKey: ["knowledge-bases"] });
      void go(`/bots/${made.bot_id}`);
    },
    onError: (error) => notifications.show({ color: "red", title: t("failure.title"), message: explain(error, t) }),
  });
  const own = (files: File[]): Plan => ({
    name: freeName(nameOf(files) || t("home.myDocuments"), taken),
    files,
    description: "",
    questions: [],
  });
  const sample = async (): Promise<Plan> => ({
    name: freeName(t("start.sampleName"), taken),
    files: await sampleFiles(),
    description: t("start.sampleDescription"),
    questions: [t("start.question1"), t("start.question2"), t("start.question3")],
  });
  return (
    <Stack gap="xs">
      <DropArea
        big={big}
        title={t("home.drop")}
        hint={t("home.dropHint")}
        disabled={made.isPending}
        onFiles={(files) => files.length > 0 && made.mutate(() => Promise.resolve(own(files)))}
      />
      <Group gap={4} justify={big ? "center" : "flex-start"}>
        <Text size="sm" c="dimmed">
          {t("start.noDocuments")}
        </Text>
        <Button variant="subtle" size="compact-sm" loading={made.isPending} onClick={() => made.mutate(sample)}>
          {t("start.sample")}
        </Button>
      </Group>
    </Stack>
  );
}
