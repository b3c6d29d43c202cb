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

/** How a document is cut in some way ("": as its knowledge base does), a hundred passages at a time. */
export const cut = (kbId: string, documentId: string, version: number, chunking = "") =>
  infiniteQueryOptions({
    queryKey: ["knowledge-bases", kbId, "documents", documentId, "cut", version, chunking],
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
