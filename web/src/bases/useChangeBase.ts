import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, told, type Schemas } from "../api/client";

/** Change a knowledge base. */
export function useChangeBase(kbId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (news: Partial<Schemas["UpdateKnowledgeBase"]>) =>
      told(
        api().PATCH("/v1/knowledge-bases/{kb_id}", {
          params: { path: { kb_id: kbId } },
          body: { name: null, description: null, chunking: null, ...news },
        }),
      ),
    onSuccess: (changed) => {
      queries.setQueryData(["knowledge-bases", kbId], changed);
      void queries.invalidateQueries({ queryKey: ["knowledge-bases"], exact: true });
      void queries.invalidateQueries({ queryKey: ["knowledge-bases", kbId, "moving"] });
    },
  });
}
