import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import {
  Alert,
  Anchor,
  Card,
  Group,
  SegmentedControl,
  SimpleGrid,
  Skeleton,
  Stack,
  Table,
  Text,
  Title,
} from "@mantine/core";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import i18next from "i18next";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { api, told, type Schemas } from "../api/client";
import { explain } from "../api/explain";
import { bot } from "../api/queries";
import { ago } from "../parts/format";
import { shownName } from "../parts/names";

const SPANS = ["7", "30", "90"] as const;

const usage = (botId: string, days: string) =>
  queryOptions({
    queryKey: ["bots", botId, "usage", days],
    queryFn: ({ signal }) =>
      told(
        api().GET("/v1/bots/{bot_id}/usage", {
          params: { path: { bot_id: botId }, query: { days: Number(days) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** How a bot is used, and what it could not answer. */
export function BotUsage() {
  const { t } = useTranslation();
  const { botId = "" } = useParams();
  const [query, setQuery] = useSearchParams();
  const days = SPANS.find((span) => span === query.get("days")) ?? "30";
  const shown = useQuery(bot(botId)).data;
  const found = useQuery(usage(botId, days));
  if (found.error)
    return (
      <Alert color="red" role="alert" title={t("failure.title")}>
        {explain(found.error, t)}
      </Alert>
    );
  return (
    <Stack maw="var(--strata-page)" mx="auto" gap="lg">
      <Group justify="space-between">
        <div>
          <Anchor component={Link} to={`/bots/${botId}`} size="sm">
            {shownName(shown?.draft?.name ?? shown?.published?.name ?? "…")}
          </Anchor>
          <Title order={1} size="h2">
            {t("usage.title")}
          </Title>
        </div>
        <SegmentedControl
          aria-label={t("usage.span")}
          data={SPANS.map((span) => ({ value: span, label: t("usage.days", { count: Number(span) }) }))}
          value={days}
          onChange={(chosen) => setQuery({ days: chosen }, { replace: true })}
        />
      </Group>
      {found.data ? <Figures usage={found.data} /> : <Skeleton h={320} />}
    </Stack>
  );
}

function Figures({ usage: found }: { usage: Schemas["BotUsage"] }) {
  const { t } = useTranslation();
  const { total } = found;
  const asked = total.answers + total.refusals;
  const number = new Intl.NumberFormat(i18next.language);
  const share = new Intl.NumberFormat(i18next.language, { style: "percent" });
  const facts = [
    [t("usage.questions"), number.format(asked)],
    [t("usage.answered"), asked ? share.format(total.answers / asked) : "–"],
    [t("usage.ratings"), `${number.format(total.thumbs_up)} / ${number.format(total.thumbs_down)}`],
    [t("usage.latency"), total.latency_p50_ms ? t("usage.seconds", { count: total.latency_p50_ms / 1_000 }) : "–"],
  ];
  return (
    <>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        {facts.map(([name, value]) => (
          <Card withBorder key={name}>
            <Text size="sm" c="dimmed">
              {name}
            </Text>
            <Text size="xl" fw={650}>
              {value}
            </Text>
          </Card>
        ))}
      </SimpleGrid>
      {asked === 0 ? <Text c="dimmed">{t("usage.none")}</Text> : <Days usage={found} />}
      <Unanswered questions={found.unanswered} />
    </>
  );
}

/** Each day from the first asked for to today, those without a question too. */
function everyDay(found: Schemas["BotUsage"]): { day: string; answers: number; refusals: number }[] {
  const days = found.days as readonly Schemas["UsageDay"][];
  const known = new Map(days.map((one) => [one.day, one.figures]));
  const first = new Date(`${found.since.slice(0, 10)}T00:00:00Z`).getTime();
  const label = new Intl.DateTimeFormat(i18next.language, { day: "numeric", month: "short", timeZone: "UTC" });
  const count = Math.floor((Date.now() - first) / 86_400_000) + 1;
  return Array.from({ length: count }, (_, at) => {
    const day = new Date(first + at * 86_400_000);
    const figures = known.get(day.toISOString().slice(0, 10));
    return { day: label.format(day), answers: figures?.answers ?? 0, refusals: figures?.refusals ?? 0 };
  });
}

function Days({ usage: found }: { usage: Schemas["BotUsage"] }) {
  const { t } = useTranslation();
  const days = everyDay(found);
  return (
    <Stack component="section" gap="xs" aria-labelledby="days">
      <Title order={2} size="h4" id="days">
        {t("usage.perDay")}
      </Title>
      <div aria-hidden>
        <BarChart
          h={220}
          data={days}
          dataKey="day"
          type="stacked"
          withLegend
          barChartProps={{ accessibilityLayer: false }} // the table below is what is read aloud
          yAxisProps={{ allowDecimals: false }}
          series={[
            { name: "answers", label: t("usage.answersOf"), color: "strata.7" },
            { name: "refusals", label: t("usage.refusalsOf"), color: "orange.6" },
          ]}
        />
      </div>
      <Table className="visually-hidden" aria-label={t("usage.perDay")}>
        <Table.Tbody>
          {days
            .filter((one) => one.answers + one.refusals > 0)
            .map((one) => (
              <Table.Tr key={one.day}>
                <Table.Th scope="row">{one.day}</Table.Th>
                <Table.Td>{`${t("usage.answersOf")}: ${one.answers}`}</Table.Td>
                <Table.Td>{`${t("usage.refusalsOf")}: ${one.refusals}`}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Unanswered({ questions }: { questions: readonly Schemas["UnansweredQuestion"][] }) {
  const { t } = useTranslation();
  if (questions.length === 0) return null;
  return (
    <Stack component="section" gap="xs" aria-labelledby="unanswered">
      <Title order={2} size="h4" id="unanswered">
        {t("usage.unanswered")}
      </Title>
      <Text size="sm" c="dimmed">
        {t("usage.unansweredHint")}
      </Text>
      <Table>
        <Table.Tbody>
          {questions.map((one) => (
            <Table.Tr key={one.message_id}>
              <Table.Td className="wrap-anywhere" dir="auto">
                {one.question}
              </Table.Td>
              <Table.Td c="dimmed" style={{ whiteSpace: "nowrap", textAlign: "end" }}>
                {ago(one.asked_at)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
