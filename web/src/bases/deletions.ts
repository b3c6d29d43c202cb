import { queryOptions } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api, told } from "../api/client";

/** The knowledge bases that were deleted in this tab, whose receipts are not put away yet. */
class BaseDeletions {
  private ids: readonly string[] = [];
  private readonly listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): readonly string[] => this.ids;

  add(kbId: string): void {
    this.replace([kbId, ...this.ids]);
  }

  putAway(kbId: string): void {
    this.replace(this.ids.filter((one) => one !== kbId));
  }

  private replace(ids: readonly string[]): void {
    this.ids = ids;
    this.listeners.forEach((listener) => listener());
  }
}

export const baseDeletions = new BaseDeletions();

export const useBaseDeletions = () => useSyncExternalStore(baseDeletions.subscribe, baseDeletions.snapshot);

/** How far the deletion of a knowledge base is, looked at until it is finished. */
export const baseDeletion = (kbId: string) =>
  queryOptions({
    queryKey: ["deletions", kbId],
    queryFn: ({ signal }) =>
      told(api().GET("/v1/knowledge-bases/{kb_id}/deletion", { params: { path: { kb_id: kbId } }, signal })),
    refetchInterval: (query) => (query.state.data?.finished_at ? false : 2_000),
  });
