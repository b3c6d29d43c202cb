import { Alert, Progress, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";

/** How far the documents are read anew, after their way to be cut was changed. */
export function RebuildNotice({ base: { rebuild } }: { base: Schemas["KnowledgeBase"] }) {
  const { t } = useTranslation();
  if (!rebuild || rebuild.finished_at || rebuild.documents_total === 0) return null;
  const { documents_total: of, documents_left: left } = rebuild;
  return (
    <Alert color="blue" title={t("rebuild.title")} role="status">
      <Text size="sm" mb={6}>
        {t("rebuild.text", { done: of - left, of })}
      </Text>
      <Progress value={(100 * (of - left)) / of} aria-label={t("rebuild.title")} />
    </Alert>
  );
}
