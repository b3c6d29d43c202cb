import { Badge, Blockquote, Button, Card, CloseButton, Group, Stack, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";

/** What an answer rests on, one card a citation, with the quote word for word; the open one is in view. */
export function Sources({
  citations,
  open,
  onShow,
  onClose,
}: {
  citations: readonly Schemas["Citation"][];
  open: number;
  onShow: (n: number) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const current = useRef<HTMLDivElement>(null);
  useEffect(() => {
    current.current?.scrollIntoView({ block: "nearest" });
    current.current?.focus({ preventScroll: true });
  }, [open]);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text fw={600}>{t("chat.sources")}</Text>
        <CloseButton onClick={onClose} aria-label={t("chat.closeSources")} />
      </Group>
      {citations.map((citation) => (
        <Card
          withBorder
          key={citation.n}
          ref={citation.n === open ? current : null}
          tabIndex={-1}
          style={citation.n === open ? { borderColor: "var(--mantine-primary-color-filled)" } : undefined}
        >
          <Group gap="xs" wrap="nowrap" mb="xs">
            <Badge circle>{citation.n}</Badge>
            <Text size="sm" fw={500} truncate="end" dir="auto" title={citation.filename}>
              {citation.filename}
            </Text>
            {citation.page !== null && (
              <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                {t("chat.page", { page: citation.page })}
              </Text>
            )}
          </Group>
          <Blockquote p="sm" m={0} fz="sm" className="wrap-anywhere" dir="auto">
            {citation.quote}
          </Blockquote>
          <Button mt="xs" size="compact-sm" variant="light" onClick={() => onShow(citation.n)}>
            {t("chat.showInDocument")}
          </Button>
        </Card>
      ))}
    </Stack>
  );
}
