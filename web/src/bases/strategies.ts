import { queryOptions } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, told, type Schemas } from "../api/client";

type Strategy = Schemas["ChunkingStrategy"];

export const strategies = () =>
  queryOptions({
    queryKey: ["chunking-strategies"],
    queryFn: ({ signal }) => told(api().GET("/v1/chunking-strategies", { signal })),
    staleTime: 10 * 60_000,
  });

const KNOWN = [
  "structure",
  "fixed",
  "sentence-window",
  "parent-child",
  "table-rows",
  "page",
  "question-answer",
] as const;

/** What a way to cut is called and does, in the person's language; one that we do not know says it itself. */
export function useStrategyWords(): (strategy: Pick<Strategy, "name" | "description">) => {
  title: string;
  text: string;
} {
  const { t } = useTranslation();
  return ({ name, description }) => {
    const known = KNOWN.find((one) => one === name);
    return known
      ? { title: t(`cut.ways.${known}.title`), text: t(`cut.ways.${known}.text`) }
      : { title: name.replace(/[_-]/g, " "), text: description };
  };
}
