import { Alert, Anchor, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { explain } from "../api/explain";
import { bots, knowledgeBase, knowledgeBases } from "../api/queries";
import { BaseReceipts } from "../bases/BaseReceipts";
import { useBaseDeletions } from "../bases/deletions";
import { BotPicture } from "../bots/BotPicture";
import { NewBot } from "../bases/NewBot";
import { total } from "../documents/useDocuments";
import { shownName } from "../parts/names";

/** The person's bots and knowledge bases, what needs attention, and the shortest way to a first bot. */
export function Home() {
  const { t } = useTranslation();
  const listed = { bots: useQuery(bots()), bases: useQuery(knowledgeBases()) };
  if (listed.bots.isPending || listed.bases.isPending) return <Loading />;
  const failed = listed.bots.error ?? listed.bases.error;
  if (failed)
    return (
      <Alert color="red" role="alert" title={t("failure.title")}>
        {explain(failed, t)}
      </Alert>
    );
  const isEmpty = listed.bots.data?.length === 0 && listed.bases.data?.length === 0;
  return (
    <Stack maw="var(--strata-page)" mx="auto" gap="xl">
      <div>
        <Title order={1} size="h2">
          {isEmpty ? t("home.welcome") : t("home.title")}
        </Title>
        {isEmpty && <Text size="lg">{t("start.sentence")}</Text>}
      </div>
      <BaseReceipts />
      <Attention />
      <NewBot big={isEmpty} taken={(listed.bases.data ?? []).map((base) => base.name)} />
      <BotCards />
      <BaseCards />
    </Stack>
  );
}

function Loading() {
  return (
    <Stack maw="var(--strata-page)" mx="auto" aria-busy>
      <Skeleton h={34} w={240} />
      <Skeleton h={180} />
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <Skeleton h={110} />
        <Skeleton h={110} />
        <Skeleton h={110} />
      </SimpleGrid>
    </Stack>
  );
}

/** Knowledge bases that are counted for this page; listing them counts nothing. */
const COUNTED = 24;

/** The person's knowledge bases with what is in them, as far as it is counted yet. */
function useCountedBases() {
  const all = useQuery(knowledgeBases()).data ?? [];
  const deleted = useBaseDeletions();
  const listed = all.filter((base) => !deleted.includes(base.kb_id));
  const counted = useQueries({ queries: listed.slice(0, COUNTED).map((base) => knowledgeBase(base.kb_id)) });
  return listed.map((base, index) => ({ ...(counted[index]?.data ?? base), isCounted: Boolean(counted[index]?.data) }));
}

function Attention() {
  const { t } = useTranslation();
  const troubled = useCountedBases().filter((base) => (base.documents.FAILED ?? 0) > 0);
  if (troubled.length === 0) return null;
  return (
    <Alert color="orange" icon={<IconAlertTriangle />} title={t("home.attention")}>
      {troubled.map((base) => (
        <Text size="sm" key={base.kb_id}>
          <Anchor component={Link} to={`/knowledge-bases/${base.kb_id}?state=FAILED`} inherit>
            {t("home.failedIn", { count: base.documents.FAILED ?? 0, name: shownName(base.name) })}
          </Anchor>
        </Text>
      ))}
    </Alert>
  );
}

function BotCards() {
  const { t } = useTranslation();
  const found = useQuery(bots()).data ?? [];
  if (found.length === 0) return null;
  return (
    <Stack component="section" aria-labelledby="bots">
      <Title order={2} size="h4" id="bots">
        {t("bots.title")}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {found.map((bot) => {
          const shown = bot.published ?? bot.draft;
          return (
            <Card withBorder key={bot.bot_id}>
              <Stack h="100%" justify="space-between">
                <div>
                  <Group gap="xs" wrap="nowrap">
                    <BotPicture picture={shown?.picture ?? ""} name={shown?.name ?? ""} />
                    <Text fw={600} className="wrap-anywhere">
                      {shownName(shown?.name ?? "")}
                    </Text>
                  </Group>
                  <Text size="sm" c="dimmed" lineClamp={2}>
                    {shown?.description || t(bot.published ? "bots.published" : "bots.draft")}
                  </Text>
                </div>
                <Group gap="xs">
                  {bot.published && (
                    <Button size="xs" component={Link} to={`/bots/${bot.bot_id}/chat`}>
                      {t("bots.chat")}
                    </Button>
                  )}
                  <Button size="xs" variant="default" component={Link} to={`/bots/${bot.bot_id}`}>
                    {t("bots.edit")}
                  </Button>
                </Group>
              </Stack>
            </Card>
          );
        })}
      </SimpleGrid>
    </Stack>
  );
}

function BaseCards() {
  const { t } = useTranslation();
  const found = useCountedBases();
  if (found.length === 0) return null;
  return (
    <Stack component="section" aria-labelledby="bases">
      <Title order={2} size="h4" id="bases">
        {t("bases.title")}
      </Title>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        {found.map((base) => (
          <Card withBorder key={base.kb_id} component={Link} to={`/knowledge-bases/${base.kb_id}`}>
            <Text fw={600} className="wrap-anywhere">
              {shownName(base.name)}
            </Text>
            <Text size="sm" c="dimmed">
              {base.isCounted ? t("bases.documents", { count: total(base.documents) }) : base.description || "\u00a0"}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
