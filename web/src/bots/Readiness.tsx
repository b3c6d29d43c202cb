import { Anchor, Group, Loader, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { knowledgeBase, knowledgeBases } from "../api/queries";
import { shownName } from "../parts/names";
import { isOpen, useUploads } from "../uploads/uploads";

type Base = Schemas["KnowledgeBase"];

const SOON_MS = 2_000;
const LATER_MS = 15_000;
/** Counting is dear for the platform from here on. */
const MANY = 1_000;

/** How far the documents are that a bot answers from: until they are read it knows only a part of them. */
export function Readiness({ kbIds }: { kbIds: readonly string[] }) {
  const bases = useQuery(knowledgeBases()).data ?? [];
  const shown = bases.filter((base) => kbIds.includes(base.kb_id));
  if (shown.length === 0) return null;
  return (
    <Stack gap={2}>
      {shown.map((base) => (
        <OfBase key={base.kb_id} base={base} />
      ))}
    </Stack>
  );
}

function OfBase({ base }: { base: Base }) {
  const { t } = useTranslation();
  const uploads = useUploads(base.kb_id);
  const open = uploads.filter(isOpen);
  const counts = useQuery({
    ...knowledgeBase(base.kb_id),
    refetchInterval: ({ state }) => {
      const { left, total } = counted(state.data?.documents ?? {});
      return left + open.length > 0 && total < MANY ? SOON_MS : LATER_MS;
    },
  }).data?.documents;
  if (!counts) return null;
  const { ready, failed, left, total } = counted(counts);
  const unannounced = open.filter((one) => !one.document).length;
  const refused = uploads.filter((one) => one.state === "failed").length;
  const name = shownName(base.name);
  return (
    <>
      {left + unannounced > 0 && (
        <Group gap="xs" wrap="nowrap" role="status">
          <Loader size={14} aria-hidden />
          <Text size="sm" c="dimmed" className="wrap-anywhere">
            {t("bot.reading", { ready, count: total + unannounced, name })}
          </Text>
        </Group>
      )}
      {failed + refused > 0 && (
        <Group gap="xs" wrap="nowrap">
          <IconAlertTriangle size={16} color="var(--mantine-color-orange-6)" aria-hidden style={{ flexShrink: 0 }} />
          <Anchor component={Link} to={`/knowledge-bases/${base.kb_id}?state=FAILED`} size="sm">
            {t("home.failedIn", { count: failed + refused, name })}
          </Anchor>
        </Group>
      )}
    </>
  );
}

function counted(counts: Base["documents"]) {
  const of = (status: keyof Base["documents"]) => counts[status] ?? 0;
  const all = Object.values(counts).reduce((sum, one) => sum + one, 0);
  const total = all - of("DELETED") - of("DELETING");
  const [ready, failed] = [of("READY"), of("FAILED")];
  return { ready, failed, total, left: total - ready - failed };
}
