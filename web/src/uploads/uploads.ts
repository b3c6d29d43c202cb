import { useMemo, useSyncExternalStore } from "react";
import type { Schemas } from "../api/client";
import { ApiError } from "../api/errors";
import * as network from "./send";
import { begunUploads } from "./begun";
import { LARGE_BYTES, sendParts } from "./parts";
import type { Parcel } from "./send";

/** One file on its way to the platform; what happens after that the document itself says. */
export interface Upload extends Parcel {
  readonly id: number;
  readonly state: "waiting" | "sending" | "paused" | "lost" | "failed" | "sent";
  readonly sentBytes: number;
  /** Of its document, or of one that a closed tab has left half sent; then `document` is not known yet. */
  readonly documentId: string;
  /** The document as it was when it was announced, or found again. */
  readonly document: Schemas["Document"] | undefined;
  readonly error: ApiError | undefined;
}

const AT_ONCE = 4;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000];

interface Wish {
  tags?: readonly string[];
  replaces?: Schemas["Document"];
}

/**
 * The uploads of this tab: four at once, each announced, sent with progress, and sent again after a lost connection;
 * large ones go on where they were, even in another tab that is given the same file.
 *
 * A change replaces the object of an upload, so that views compare by identity.
 */
export class Uploads {
  private all: readonly Upload[] = [];
  private readonly running = new Map<number, AbortController>();
  private readonly listeners = new Set<() => void>();
  private nextId = 1;

  constructor(private readonly net: typeof network = network) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): readonly Upload[] => this.all;

  /** Queue files; empty ones are refused at once, because the platform would. */
  add(kbId: string, files: readonly File[], { tags = [], replaces }: Wish = {}): readonly Upload[] {
    const added = files.map((file): Upload => ({
      id: this.nextId++,
      kbId,
      file,
      name: pathOf(file),
      tags,
      key: crypto.randomUUID(),
      state: file.size > 0 ? "waiting" : "failed",
      sentBytes: 0,
      documentId: file.size > LARGE_BYTES ? begunUploads.find(kbId, pathOf(file), file) : "",
      document: undefined,
      replaces,
      error: file.size > 0 ? undefined : new ApiError("", "empty_file", 400),
    }));
    this.replace([...this.all, ...added]);
    this.startNext();
    return added;
  }

  pause(...ids: readonly number[]): void {
    this.each(ids, (one) => {
      if (!isOpen(one) || one.state === "paused") return one;
      return { ...one, state: "paused" };
    });
    ids.forEach((id) => this.running.get(id)?.abort());
  }

  /** Go on with what was paused, and try again what failed. */
  resume(...ids: readonly number[]): void {
    this.each(ids, (one) =>
      one.file.size > 0 && (one.state === "paused" || one.state === "failed")
        ? { ...one, state: "waiting", sentBytes: keptBytes(one), error: undefined }
        : one,
    );
    this.startNext();
  }

  /** Stop uploads and take their announced documents back. */
  cancel(...ids: readonly number[]): void {
    const gone = this.all.filter((one) => ids.includes(one.id));
    this.replace(this.all.filter((one) => !ids.includes(one.id)));
    gone.forEach((one) => {
      this.running.get(one.id)?.abort();
      begunUploads.forget(one.documentId);
      // What cannot be taken back now, the platform takes away by itself when its bytes never come.
      if (one.document && one.state !== "sent") void this.net.takeBack(one.kbId, one.documentId).catch(() => undefined);
    });
  }

  /** Forget an upload that arrived. */
  forget(id: number): void {
    this.replace(this.all.filter((one) => one.id !== id));
  }

  private startNext(): void {
    while (this.running.size < AT_ONCE) {
      const next = this.all.find((one) => one.state === "waiting" && !this.running.has(one.id));
      if (!next) return;
      const abort = new AbortController();
      this.running.set(next.id, abort);
      this.change(next.id, { state: "sending", sentBytes: keptBytes(next) });
      void this.send(next.id, abort.signal).finally(() => {
        this.running.delete(next.id);
        this.startNext();
      });
    }
  }

  private async send(id: number, abort: AbortSignal): Promise<void> {
    for (let attempt = 0; !abort.aborted; attempt++) {
      const upload = this.all.find((one) => one.id === id);
      if (!upload) return;
      try {
        await this.sendOnce(upload, abort);
        return;
      } catch (error) {
        if (isAborted(abort)) return;
        const told = error instanceof ApiError ? error : new ApiError("", "unreachable", 0);
        if (!told.isUnreachable && told.status < 500) {
          this.change(id, { state: "failed", error: told });
          return;
        }
        this.change(id, { state: "lost", error: told, ...(!isLarge(upload) && { sentBytes: 0 }) });
        await this.net.pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 8_000, abort);
      }
    }
  }

  private async sendOnce(upload: Upload, abort: AbortSignal): Promise<void> {
    const { id, kbId, file } = upload;
    const tell = (sentBytes: number) => this.change(id, { sentBytes });
    const isSent = await (isLarge(upload) ? this.sendLarge(upload, abort, tell) : this.sendSmall(upload, abort, tell));
    if (!isSent) return;
    this.change(id, { state: "sent", sentBytes: file.size });
    this.tidy(kbId);
  }

  private async sendSmall(upload: Upload, abort: AbortSignal, tell: (bytes: number) => void): Promise<boolean> {
    const made = await this.announce(upload, abort);
    if (!made) return false;
    await this.net.post(made.upload, upload.file, abort, tell);
    return true;
  }

  private async sendLarge(upload: Upload, abort: AbortSignal, tell: (bytes: number) => void): Promise<boolean> {
    const { id, kbId, name, file } = upload;
    const begun = await this.begun(upload);
    if (begun) this.change(id, { documentId: begun.document_id, document: begun });
    const documentId = begun?.document_id ?? (await this.announce(upload, abort))?.document_id;
    if (!documentId || isAborted(abort)) return false;
    begunUploads.keep(kbId, name, file, documentId);
    this.change(id, { state: "sending", error: undefined });
    await sendParts(this.net, { kbId, documentId, file }, abort, tell);
    begunUploads.forget(documentId);
    return true;
  }

  /** Find the document that waits for the rest of a large file: this tab's own, or one of a tab that was closed. */
  private async begun(upload: Upload): Promise<Schemas["Document"] | undefined> {
    if (!upload.documentId) return undefined;
    const document = await this.net.announced(upload.kbId, upload.documentId);
    // This tab's own may have arrived whole, and only the answer was lost.
    return document?.status === "UPLOADING" || upload.document ? document : undefined;
  }

  /** Announce a file; undefined where it was cancelled or paused meanwhile. */
  private async announce(upload: Upload, abort: AbortSignal): Promise<Schemas["CreatedDocument"] | undefined> {
    // The form of a first try may have been used up by bytes of which only the answer was lost.
    if (upload.document) await this.net.takeBack(upload.kbId, upload.documentId);
    const made = await this.net.announce(upload);
    if (isAborted(abort) && !this.all.some((one) => one.id === upload.id)) {
      await this.net.takeBack(upload.kbId, made.document_id);
      return undefined;
    }
    this.change(upload.id, { documentId: made.document_id, document: made.document, key: crypto.randomUUID() });
    if (isAborted(abort)) return undefined;
    this.change(upload.id, { state: "sending", error: undefined });
    return made;
  }

  /** Forget what is sent, once nothing of the knowledge base is on its way; what replaces another stays until then. */
  private tidy(kbId: string): void {
    if (this.all.some((one) => one.kbId === kbId && isOpen(one))) return;
    this.replace(this.all.filter((one) => one.kbId !== kbId || one.state !== "sent" || one.replaces));
  }

  private change(id: number, news: Partial<Upload>): void {
    this.each([id], (one) => ({ ...one, ...news }));
  }

  private each(ids: readonly number[], change: (upload: Upload) => Upload): void {
    const wanted = new Set(ids);
    this.replace(this.all.map((one) => (wanted.has(one.id) ? change(one) : one)));
  }

  private replace(all: readonly Upload[]): void {
    this.all = all;
    this.listeners.forEach((listener) => listener());
  }
}

function isLarge({ file }: Upload): boolean {
  return file.size > LARGE_BYTES;
}

/** What is not sent again. */
function keptBytes(upload: Upload): number {
  return isLarge(upload) ? upload.sentBytes : 0;
}

/** Its value changes while others are awaited, which the analyser does not know. */
function isAborted(abort: AbortSignal): boolean {
  return abort.aborted;
}

/** Is the upload still to be sent, or being sent? */
export function isOpen({ state }: Upload): boolean {
  return state !== "sent" && state !== "failed";
}

/** The path of a file inside the folder that it was dropped with, or its name. */
export function pathOf(file: File): string {
  const path = (file as File & { path?: string }).path ?? file.webkitRelativePath;
  return (path || file.name).replace(/^\.?\/+/, "");
}

export const uploads = new Uploads();

/** The uploads into one knowledge base, as they are now. */
export function useUploads(kbId: string): readonly Upload[] {
  const all = useSyncExternalStore(uploads.subscribe, uploads.snapshot);
  return useMemo(() => all.filter((upload) => upload.kbId === kbId), [all, kbId]);
}
