import { useSearchParams } from "react-router";

export interface OpenCitation {
  messageId: string;
  n: number;
}

/** The open citation, kept in the address as `?cite=<message>.<number>`, so that it can be shared. */
export function useOpenCitation(): [OpenCitation | undefined, (open: OpenCitation | undefined) => void] {
  const [query, setQuery] = useSearchParams();
  const [, messageId, n] = /^(.+)\.(\d+)$/.exec(query.get("cite") ?? "") ?? [];
  const set = (open: OpenCitation | undefined) =>
    setQuery(
      (old) => {
        if (open) old.set("cite", `${open.messageId}.${open.n}`);
        else old.delete("cite");
        return old;
      },
      { replace: true },
    );
  return [messageId && n ? { messageId, n: Number(n) } : undefined, set];
}
