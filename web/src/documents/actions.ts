import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, told } from "../api/client";
import { explain } from "../api/explain";
import { receipts } from "./receipts";
import { tellDocuments, type Document } from "./useDocuments";

const AT_ONCE = 4;

/** Do something with many documents, four at a time; what failed is told once, with how many. */
function useEach(kbId: string, act: (document: Document) => Promise<Document>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (documents: readonly Document[]) => {
      const left = [...documents];
      const failures: unknown[] = [];
      const worker = async () => {
        for (let next = left.shift(); next; next = left.shift())
          try {
            tellDocuments(queries, kbId, [await act(next)]);
          } catch (error) {
            failures.push(error);
          }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      return failures;
    },
    onSuccess: (failures) => {
      if (failures.length === 0) return;
      notifications.show({
        color: "red",
        title: t("documents.someFailed", { count: failures.length }),
        message: explain(failures[0], t),
      });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["knowledge-bases", kbId], exact: true }),
  });
}

/** Process failed documents again. */
export function useRetry(kbId: string) {
  return useEach(kbId, (document) =>
    told(
      api().POST("/v1/knowledge-bases/{kb_id}/documents/{document_id}/retry", {
        params: { path: { kb_id: kbId, document_id: document.document_id } },
      }),
    ),
  );
}

/** Delete documents everywhere; their receipts follow. */
export function useDelete(kbId: string) {
  return useEach(kbId, async (document) => {
    const deleted = await told(
      api().DELETE("/v1/knowledge-bases/{kb_id}/documents/{document_id}", {
        params: { path: { kb_id: kbId, document_id: document.document_id } },
      }),
    );
    receipts.expect(kbId, document);
    return deleted;
  });
}

/** Change the tags of documents. */
export function useTag(kbId: string, tags: readonly string[]) {
  return useEach(kbId, (document) =>
    told(
      api().PATCH("/v1/knowledge-bases/{kb_id}/documents/{document_id}", {
        params: { path: { kb_id: kbId, document_id: document.document_id } },
        body: { tags: [...tags] },
      }),
    ),
  );
}
