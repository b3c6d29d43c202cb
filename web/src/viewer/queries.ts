import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, told, type Schemas } from "../api/client";
import { isAtRest } from "../api/queries";
import type { Box } from "./SourceView";

/** One document, looked at again while it is on its way. */
export const document = (kbId: string, documentId: string) =>
  queryOptions({
    queryKey: ["knowledge-bases", kbId, "documents", documentId],
    queryFn: ({ signal }) =>
      told(
        api().GET("/v1/knowledge-bases/{kb_id}/documents/{document_id}", {
          params: { path: { kb_id: kbId, document_id: documentId } },
          signal,
        }),
      ),
    refetchInterval: (query) => (query.state.data && !isAtRest(query.state.data) ? 1_500 : false),
  });

type ToldPlace = Schemas["Place"];

/** Where a passage stands; openapi-fetch widens the tuples of the API's own type to arrays. */
export type Place = Omit<ToldPlace, "boxes" | "page_turns" | "read_with"> & { boxes: readonly Box[] };

/** A piece that a document was cut into. */
export type Passage = Omit<Schemas["PreviewedChunk"], "place"> & { place: Place };

type Whole = Schemas["ViewedPage"];
type WholeBlock = Schemas["ViewedBlock"];

/** A row of a table, as it was read. */
export type Row = Omit<WholeBlock["rows"][number], "boxes"> & { boxes: readonly Box[] };

/** A heading, a paragraph, a table, as it was read. */
export type Block = Omit<WholeBlock, "boxes" | "rows"> & { boxes: readonly Box[]; rows: readonly Row[] };

/** A page, slide, sheet or stretch of text. */
export type Stretch = Omit<Whole, "blocks"> & { blocks: readonly Block[] };

const path = (kbId: string, documentId: string) => ({ path: { kb_id: kbId, document_id: documentId } });
const keyOf = (kbId: string, documentId: string) => ["knowledge-bases", kbId, "documents", documentId] as const;

/** Ask where the file can be fetched for the next few minutes. */
export const addressOf = (kbId: string, documentId: string, signal?: AbortSignal) =>
  told(
    api().GET("/v1/knowledge-bases/{kb_id}/documents/{document_id}/source", {
      params: path(kbId, documentId),
      signal: signal ?? null,
    }),
  );

/** Where the file is for this look; addresses grow old, so the next look asks again. */
export const source = (kbId: string, documentId: string, version: number) =>
  queryOptions({
    queryKey: [...keyOf(kbId, documentId), "source", version],
    queryFn: ({ signal }) => addressOf(kbId, documentId, signal),
    staleTime: Infinity,
    gcTime: 0,
  });

const STRETCHES = 20;

interface From {
  limit: number;
  cursor?: string;
  page?: number;
  at?: number;
}

/** The document as it was read, from a page or a character of its text on, in both directions. */
export const stretches = (kbId: string, documentId: string, version: number, from: Pick<From, "page" | "at">) =>
  infiniteQueryOptions({
    queryKey: [...keyOf(kbId, documentId), "pages", version, from],
    queryFn: ({ pageParam, signal }: { pageParam: From; signal: AbortSignal }) =>
      told(
        api().GET("/v1/knowledge-bases/{kb_id}/documents/{document_id}/pages", {
          params: { ...path(kbId, documentId), query: pageParam },
          signal,
        }),
      ),
    initialPageParam: { limit: STRETCHES, ...from },
    getNextPageParam: (last): From | undefined => (last.cursor ? { limit: STRETCHES, cursor: last.cursor } : undefined),
    getPreviousPageParam: (first): From | undefined => {
      const begins = first.items[0]?.ordinal ?? 0;
      const earlier = Math.max(0, begins - STRETCHES);
      return begins > 0 ? { limit: begins - earlier, cursor: String(earlier) } : undefined;
    },
    // What was read of a version never changes.
    staleTime: Infinity,
  });

/** The passages that answers are made from. */
export const passages = (kbId: string, documentId: string, version: number) =>
  infiniteQueryOptions({
    queryKey: [...keyOf(kbId, documentId), "chunks", version],
    queryFn: ({ pageParam, signal }) =>
      told(
        api().GET("/v1/knowledge-bases/{kb_id}/documents/{document_id}/chunks", {
          params: { ...path(kbId, documentId), query: { cursor: pageParam, limit: 100 } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.cursor || undefined,
    staleTime: Infinity,
  });

/** How a document is cut in some way ("": as its knowledge base does), a hundred passages at a time. */
export const cut = (kbId: string, documentId: string, version: number, chunking = "") =>
  infiniteQueryOptions({
    queryKey: [...keyOf(kbId, documentId), "cut", version, chunking],
    queryFn: ({ pageParam, signal }) =>
      told(
        api().POST("/v1/knowledge-bases/{kb_id}/documents/{document_id}/chunk-previews", {
          params: { path: { kb_id: kbId, document_id: documentId } },
          body: { chunking, offset: pageParam, limit: 100, parameters: {} },
          signal,
        }),
      ),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next_offset ?? undefined,
    // A document's version never changes; each look reads the whole file again.
    staleTime: Infinity,
  });
