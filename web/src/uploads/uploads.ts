import { useSyncExternalStore } from "react";
import { api, told, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";

/** One file on its way to the platform; what happens after that the document itself says. */
export interface Upload {
  readonly id: number;
  readonly kbId: string;
  readonly file: File;
  /** The path inside the dropped folder, or the name. */
  readonly name: string;
  readonly state: "waiting" | "sending" | "paused" | "lost" | "failed" | "sent";
  readonly sentBytes: number;
  readonly documentId: string;
  readonly error: ApiError | undefined;
}

const AT_ONCE = 4;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000];

/**
 * The uploads of this tab: four at once, each announced, sent with progress, and sent again after a lost connection.
 *
 * A change replaces the object of an upload, so that views compare by identity.
 */
class Uploads {
  private all: readonly Upload[] = [];
  private readonly running = new Map<number, AbortController>();
  private readonly listeners = new Set<() => void>();
  private nextId = 1;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): readonly Upload[] => this.all;

  /** Queue files; empty ones are refused at once, because the platform would. */
  add(kbId: string, files: readonly File[]): readonly Upload[] {
    const added = files.map((file): Upload => {
      const path = (file as File & { path?: string }).path ?? file.webkitRelativePath;
      return {
        id: this.nextId++,
        kbId,
        file,
        name: (path || file.name).replace(/^\.?\/+/, ""),
        state: file.size > 0 ? "waiting" : "failed",
        sentBytes: 0,
        documentId: "",
        error: file.size > 0 ? undefined : new ApiError("", "empty_file", 400),
      };
    });
    this.replace([...this.all, ...added]);
    this.startNext();
    return added;
  }

  pause(id: number): void {
    this.change(id, { state: "paused" });
    this.running.get(id)?.abort();
    this.startNext();
  }

  resume(id: number): void {
    this.change(id, { state: "waiting", error: undefined });
    this.startNext();
  }

  /** Stop an upload and take its announced document back. */
  cancel(id: number): void {
    const upload = this.all.find((one) => one.id === id);
    this.running.get(id)?.abort();
    this.replace(this.all.filter((one) => one.id !== id));
    if (upload?.documentId && upload.state !== "sent") {
      const path = { kb_id: upload.kbId, document_id: upload.documentId };
      void api().DELETE("/v1/knowledge-bases/{kb_id}/documents/{document_id}", { params: { path } });
    }
    this.startNext();
  }

  /** Forget what is done. */
  dismiss(ids: readonly number[]): void {
    this.replace(this.all.filter((one) => !ids.includes(one.id)));
  }

  private startNext(): void {
    while (this.running.size < AT_ONCE) {
      const next = this.all.find((one) => one.state === "waiting" && !this.running.has(one.id));
      if (!next) return;
      const abort = new AbortController();
      this.running.set(next.id, abort);
      this.change(next.id, { state: "sending", sentBytes: 0 });
      void this.send(next, abort.signal).finally(() => {
        this.running.delete(next.id);
        this.startNext();
      });
    }
  }

  private async send(upload: Upload, abort: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const made = await announce(upload);
        this.change(upload.id, { state: "sending", documentId: made.document_id });
        await post(made.upload, upload.file, abort, (sentBytes) => this.change(upload.id, { sentBytes }));
        this.change(upload.id, { state: "sent", sentBytes: upload.file.size });
        return;
      } catch (error) {
        if (abort.aborted) return;
        const told = error instanceof ApiError ? error : new ApiError("", "unreachable", 0);
        if (!told.isUnreachable && told.status < 500) {
          this.change(upload.id, { state: "failed", error: told });
          return;
        }
        this.change(upload.id, { state: "lost", error: told, sentBytes: 0 });
        await pause(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 8_000, abort);
        // The analyser does not know that the pause ends early when somebody stops the upload.
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
        if (abort.aborted) return;
        upload = this.all.find((one) => one.id === upload.id) ?? upload;
      }
    }
  }

  private change(id: number, news: Partial<Upload>): void {
    this.replace(this.all.map((one) => (one.id === id ? { ...one, ...news } : one)));
  }

  private replace(all: readonly Upload[]): void {
    this.all = all;
    this.listeners.forEach((listener) => listener());
  }
}

/** Announce the file; one that was announced before a lost connection is taken back first. */
async function announce(upload: Upload): Promise<Schemas["CreatedDocument"]> {
  if (upload.documentId) {
    const path = { kb_id: upload.kbId, document_id: upload.documentId };
    await api().DELETE("/v1/knowledge-bases/{kb_id}/documents/{document_id}", { params: { path } });
  }
  return told(
    api().POST("/v1/knowledge-bases/{kb_id}/documents", {
      params: { path: { kb_id: upload.kbId } },
      body: {
        filename: upload.name,
        size_bytes: upload.file.size,
        media_type: upload.file.type || "application/octet-stream",
      },
    }),
  );
}

/** Send the form that the platform signed; XMLHttpRequest, because fetch tells no upload progress. */
function post(form: Schemas["Upload"], file: File, abort: AbortSignal, tell: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    Object.entries(form.fields).forEach(([name, value]) => body.append(name, value));
    body.append("file", file);
    request.upload.onprogress = (event) => tell(Math.min(event.loaded, file.size));
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new ApiError("", "upload_refused", request.status));
    request.onerror = () => reject(new ApiError("", "unreachable", 0));
    abort.addEventListener("abort", () => request.abort());
    request.onabort = () => reject(new ApiError("", "stopped", 0));
    request.open("POST", form.url);
    request.send(body);
  });
}

function pause(ms: number, abort: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    abort.addEventListener("abort", stop, { once: true });
    window.addEventListener("online", stop, { once: true });
  });
}

export const uploads = new Uploads();

/** The uploads into one knowledge base, as they are now. */
export function useUploads(kbId: string): readonly Upload[] {
  const all = useSyncExternalStore(uploads.subscribe, uploads.snapshot);
  return all.filter((upload) => upload.kbId === kbId);
}
