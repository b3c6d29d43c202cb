import { useSyncExternalStore } from "react";

/** A document that was deleted or replaced in this tab, whose receipt is waited for or read. */
export interface Awaited {
  readonly kbId: string;
  readonly documentId: string;
  readonly filename: string;
}

/** What was deleted in this tab and is not put away yet, newest first. */
class Receipts {
  private all: readonly Awaited[] = [];
  private readonly listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): readonly Awaited[] => this.all;

  expect(kbId: string, { document_id: documentId, filename }: { document_id: string; filename: string }): void {
    this.replace([{ kbId, documentId, filename }, ...this.all.filter((one) => one.documentId !== documentId)]);
  }

  putAway(kbId: string): void {
    this.replace(this.all.filter((one) => one.kbId !== kbId));
  }

  private replace(all: readonly Awaited[]): void {
    this.all = all;
    this.listeners.forEach((listener) => listener());
  }
}

export const receipts = new Receipts();

export function useReceipts(kbId: string): readonly Awaited[] {
  return useSyncExternalStore(receipts.subscribe, receipts.snapshot).filter((one) => one.kbId === kbId);
}
