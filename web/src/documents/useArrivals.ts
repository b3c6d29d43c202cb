import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { uploads, type Upload } from "../uploads/uploads";
import { useDelete } from "./actions";
import { tellDocuments, type Document } from "./useDocuments";

/** Show announced files as documents at once, and delete what they replace as soon as they are ready. */
export function useArrivals(kbId: string, all: readonly Upload[], rows: readonly Document[]): void {
  const queries = useQueryClient();
  const remove = useDelete(kbId);
  const done = useRef(new Set<number>());
  useEffect(() => {
    tellDocuments(
      queries,
      kbId,
      all.flatMap((one) => one.document ?? []),
    );
  }, [all, kbId, queries]);
  const states = useMemo(() => new Map(rows.map((row) => [row.document_id, row.status])), [rows]);
  useEffect(() => {
    for (const { id, documentId, replaces } of all) {
      if (!replaces || states.get(documentId) !== "READY" || done.current.has(id)) continue;
      done.current.add(id);
      remove.mutate([replaces]);
      uploads.forget(id);
    }
  }, [all, states, remove]);
}
