import { Button, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface Props {
  questions: readonly string[];
  onAsk: (question: string) => void;
}

/** Questions that are asked by a click, however long they are. */
export function Askable({ questions, onAsk }: Props) {
  return questions.map((question) => (
    <Button
      key={question}
      variant="default"
      h="auto"
      mih={36}
      py={6}
      maw="100%"
      fw={400}
      dir="auto"
      styles={{ label: { whiteSpace: "normal", overflowWrap: "anywhere", textAlign: "start", lineHeight: 1.4 } }}
      onClick={() => onAsk(question)}
    >
      {question}
    </Button>
  ));
}

/** What could be asked after an answer. */
export function Suggestions({ questions, onAsk }: Props) {
  const { t } = useTranslation();
  if (questions.length === 0) return null;
  return (
    <Stack gap={4} role="group" aria-label={t("talk.suggestions")}>
      <Text size="sm" c="dimmed" aria-hidden>
        {t("talk.suggestions")}
      </Text>
      <Group gap="xs">
        <Askable questions={questions} onAsk={onAsk} />
      </Group>
    </Stack>
  );
}
