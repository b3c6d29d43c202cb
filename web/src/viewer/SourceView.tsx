import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";

/**
 * A place on a page as the API tells it: [first character, page, left, top, right, bottom].
 *
 * Sides are shares of the page in [0, 1] from its upper left corner. (openapi-fetch widens the tuple to an array.)
 */
export type Box = readonly number[];

/** What of a document is looked at. */
export type SourceTab = "document" | "text" | "passages";

export interface SourceViewProps {
  kbId: string;
  documentId: string;
  /** Page, slide or sheet to open at, counted from 1; where none is given, the quote's. */
  page?: number | null | undefined;
  /** Words of the document to be shown and highlighted. */
  quote?: string | undefined;
  /** Where the quote stands on its pages; without them it is looked for in the pages' text. */
  boxes?: readonly Box[] | undefined;
  /** The chosen tab, where the caller keeps it (in the address); otherwise the view keeps it itself. */
  tab?: SourceTab | undefined;
  onTab?: (tab: SourceTab) => void;
  /** Told when the person turns to another page. */
  onPage?: (page: number) => void;
  /** Shows a button that closes the view; for a view beside an answer. */
  onClose?: () => void;
}

const DocumentView = lazy(async () => ({ default: (await import("./DocumentView")).DocumentView }));

/**
 * A document with a quote highlighted in it, for a page of its own or beside an answer.
 *
 * It fills the height that its parent gives it. A citation `c` opens as
 * `<SourceView kbId={c.kb_id} documentId={c.document_id} page={c.page} quote={c.quote} boxes={c.place.boxes} />`;
 * give it `key={c.document_id}`, so that another document starts anew. What draws pages loads on first use.
 */
export function SourceView(props: SourceViewProps) {
  return (
    <Suspense fallback={<Skeleton h="100%" mih={240} />}>
      <DocumentView {...props} />
    </Suspense>
  );
}
