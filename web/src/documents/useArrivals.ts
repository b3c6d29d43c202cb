import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { uploads, type Upload } from "../uploads/uploads";
import { receipts } from "./receipts";
import { tellDocuments, type Document } from "./useDocuments";

/** Show announced files as documents at once, and how what they replace goes as soon as they are ready. */
export function useArrivals(kbId: string, all: readonly Upload[], rows: readonly Document[]): void {
  const queries = useQueryClient();
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
      if (!replaces || states.get(documentId) !== "READY") continue;
      receipts.expect(kbId, replaces);
      uploads.forget(id);
    }
  }, [all, states, kbId]);
}
