import {
  infiniteQueryOptions,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type QueryClient,
} from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { api, told, type Schemas } from "../api/client";
import { isAtRest, knowledgeBase } from "../api/queries";
import { connection } from "../sockets/connection";

export type Document = Schemas["Document"];

const PAGE = 200;
/** Documents on their way that are looked at in one turn; the others have theirs in the next turns. */
const LOOKED_AT = 12;
const EVERY_MS = 1_500;
/** What changes within this time is looked at together. */
const TOGETHER_MS = 250;
/** From here on the platform counts the documents of a knowledge base less often for us. */
const MANY = 1_000;

const key = (kbId: string) => ["knowledge-bases", kbId, "documents"] as const;
const newsKey = (kbId: string) => ["knowledge-bases", kbId, "document-news"] as const;
type News = Readonly<Record<string, Document>>;

const listing = (kbId: string) =>
  infiniteQueryOptions({
    queryKey: key(kbId),
    queryFn: ({ pageParam, signal }) =>
      told(
        api().GET("/v1/knowledge-bases/{kb_id}/documents", {
          params: { path: { kb_id: kbId }, query: { cursor: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.cursor || undefined,
    // The whole list is read once; after that only what moves is looked at.
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
  });

/** Put newer states of documents over the list that was read before. */
export function tellDocuments(queries: QueryClient, kbId: string, documents: readonly Document[]): void {
  if (documents.length === 0) return;
  queries.setQueryData<News>(newsKey(kbId), (old = {}) => {
    const changed = documents.filter((one) => isNewer(one, old[one.document_id]));
    if (changed.length === 0) return old;
    return { ...old, ...Object.fromEntries(changed.map((one) => [one.document_id, one])) };
  });
}

function isNewer(one: Document, known: Document | undefined): boolean {
  return !known || one.updated_at >= known.updated_at;
}

/** The list with the news over it, without what is deleted, newest first. */
export function merged(listed: readonly Document[], news: News): Document[] {
  const all = new Map(listed.map((one) => [one.document_id, one]));
  for (const one of Object.values(news)) if (isNewer(one, all.get(one.document_id))) all.set(one.document_id, one);
  return [...all.values()]
    .filter((one) => one.status !== "DELETED")
    .sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0));
}

/** Every document of a knowledge base, kept up to date by looking at those that move. */
export function useDocuments(kbId: string) {
  const queries = useQueryClient();
  const listed = useInfiniteQuery(listing(kbId));
  const news = useQuery<News>({ queryKey: newsKey(kbId), queryFn: () => ({}), staleTime: Infinity }).data;
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = listed;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  const rows = useMemo(
    () => merged(listed.data?.pages.flatMap((page) => page.items) ?? [], news ?? {}),
    [listed.data, news],
  );
  const moving = useMemo(() => rows.filter((one) => !isAtRest(one)).map((one) => one.document_id), [rows]);
  useQuery({
    queryKey: ["knowledge-bases", kbId, "moving"],
    queryFn: async ({ signal }) => {
      const turn = nextTurn(kbId, moving);
      tellDocuments(queries, kbId, await lookAt(kbId, turn, signal));
      return turn.length;
    },
    enabled: moving.length > 0,
    refetchInterval: EVERY_MS,
    staleTime: 0,
  });
  useChanges(kbId);
  useNewcomers(kbId, rows.length, !hasNextPage && listed.isSuccess, moving.length > 0);
  return {
    rows,
    isPending: listed.isPending,
    isComplete: listed.isSuccess && !hasNextPage,
    error: listed.error,
    refetch: listed.refetch,
  };
}

/** Look at documents as soon as the platform says that something happened to them; polling goes on besides, slower. */
function useChanges(kbId: string) {
  const queries = useQueryClient();
  useEffect(() => {
    const changed = new Set<string>();
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      timer = undefined;
      const ids = [...changed].slice(0, LOOKED_AT);
      ids.forEach((id) => changed.delete(id));
      tellDocuments(queries, kbId, await lookAt(kbId, ids, leaving.signal));
      if (changed.size > 0) timer ??= setTimeout(() => void look(), TOGETHER_MS);
    };
    const stop = connection.listen({
      hear: (message) => {
        if (message.type !== "document.changed" || message.kb_id !== kbId) return;
        changed.add(message.document_id);
        timer ??= setTimeout(() => void look(), TOGETHER_MS);
      },
      opened: () => connection.tell({ action: "watch", ref: "", kb_id: kbId }),
    });
    return () => {
      leaving.abort();
      clearTimeout(timer);
      connection.tell({ action: "unwatch", ref: "", kb_id: kbId });
      stop();
    };
  }, [kbId, queries]);
}

/** Read the list again when the knowledge base counts other documents than it holds: somebody else works on it too. */
function useNewcomers(kbId: string, known: number, isComplete: boolean, isMoving: boolean) {
  const queries = useQueryClient();
  const wait = (isMoving ? 4_000 : 15_000) * (known > MANY ? 4 : 1);
  const counted = useQuery({ ...knowledgeBase(kbId), refetchInterval: wait }).data?.documents;
  const there = counted && total(counted);
  useEffect(() => {
    if (!isComplete || there === undefined || there === known) return;
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: key(kbId), exact: true }), 2_000);
    return () => clearTimeout(timer);
  }, [isComplete, there, known, kbId, queries]);
}

/** How many documents a knowledge base holds by its own count. */
export function total(counts: Schemas["KnowledgeBase"]["documents"]): number {
  return Object.entries(counts).reduce((sum, [status, count]) => (status === "DELETED" ? sum : sum + count), 0);
}

const turns = new Map<string, number>();

/** The next few of the documents that move, so that each has its turn. */
function nextTurn(kbId: string, moving: readonly string[]): string[] {
  const from = (turns.get(kbId) ?? 0) % Math.max(moving.length, 1);
  turns.set(kbId, from + LOOKED_AT);
  return [...moving.slice(from), ...moving.slice(0, from)].slice(0, LOOKED_AT);
}

/** Read documents one by one; one that is gone meanwhile is left out. */
async function lookAt(kbId: string, ids: readonly string[], signal: AbortSignal): Promise<Document[]> {
  const answers = await Promise.allSettled(
    ids.map((id) =>
      told(
        api().GET("/v1/knowledge-bases/{kb_id}/documents/{document_id}", {
          params: { path: { kb_id: kbId, document_id: id } },
          signal,
        }),
      ),
    ),
  );
  return answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
}
