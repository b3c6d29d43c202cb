import { Anchor, Box, Stack, Title } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { knowledgeBase } from "../api/queries";
import { SourceView, type SourceTab } from "../viewer/SourceView";

/** One document of a knowledge base; page, quote and tab are in the address. */
export function Document() {
  const { t } = useTranslation();
  const { kbId = "", documentId = "" } = useParams();
  const [query, setQuery] = useSearchParams();
  const base = useQuery(knowledgeBase(kbId));
  const page = Number(query.get("page")) || undefined;
  const put = (name: string, value: string) =>
    setQuery(
      (old) => {
        old.set(name, value);
        return old;
      },
      { replace: true },
    );
  return (
    <Stack h="calc(100dvh - 56px - 2 * var(--mantine-spacing-md))" mih={360} gap="xs">
      <Title order={1} className="visually-hidden">
        {t("base.documents")}
      </Title>
      <Anchor component={Link} to={`/knowledge-bases/${kbId}`} size="sm" w="fit-content" maw="100%">
        <IconChevronLeft size={14} aria-hidden style={{ verticalAlign: "-2px" }} />
        {base.data?.name ?? t("bases.title")}
      </Anchor>
      <Box flex={1} mih={0}>
        <SourceView
          key={documentId}
          kbId={kbId}
          documentId={documentId}
          page={page}
          quote={query.get("quote") ?? ""}
          tab={(query.get("tab") as SourceTab | null) ?? undefined}
          onTab={(tab) => put("tab", tab)}
        />
      </Box>
    </Stack>
  );
}
