import { Anchor, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { knowledgeBase } from "../api/queries";
import { leaf, shownName } from "../parts/names";
import { CutColumn } from "../preview/CutColumn";
import { document as oneDocument } from "../viewer/queries";

/** How one document is cut in two ways, side by side; both ways are in the address. */
export function Cut() {
  const { t } = useTranslation();
  const { kbId = "", documentId = "" } = useParams();
  const [query, setQuery] = useSearchParams();
  const base = useQuery(knowledgeBase(kbId)).data;
  const document = useQuery(oneDocument(kbId, documentId)).data;
  const current = base?.chunking ?? "";
  const ways = {
    left: query.get("left") ?? current,
    right: query.get("right") ?? (current === "fixed" ? "structure" : "fixed"),
  };
  const choose = (side: keyof typeof ways, way: string) =>
    setQuery(
      (old) => {
        old.set(side, way);
        return old;
      },
      { replace: true },
    );
  return (
    <Stack gap="md">
      <div>
        <Anchor component={Link} to={`/knowledge-bases/${kbId}/documents/${documentId}`} size="sm">
          <IconChevronLeft size={14} aria-hidden style={{ verticalAlign: "-2px" }} />
          {t("preview.back")}
        </Anchor>
        <Title order={1} size="h3" className="wrap-anywhere" dir="auto">
          {t("preview.title", { name: document ? shownName(leaf(document.filename)) : "…" })}
        </Title>
        <Text size="sm" c="dimmed">
          {t("cut.why")}
        </Text>
      </div>
      {base && document && (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          {(["left", "right"] as const).map((side) => (
            <CutColumn
              key={side}
              kbId={kbId}
              document={document}
              way={ways[side]}
              isCurrent={ways[side] === current}
              onWay={(way) => choose(side, way)}
            />
          ))}
        </SimpleGrid>
      )}
    </Stack>
  );
}
