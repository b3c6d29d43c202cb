import { api, told, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";

/** What is to become a document. */
export interface Parcel {
  kbId: string;
  file: File;
  /** The path inside the dropped folder, or the name. */
  name: string;
  tags: readonly string[];
  /** The document that the platform deletes as soon as this one answers. */
  replaces: Schemas["Document"] | undefined;
  /** Names this try, so that an answer that was lost leaves no second document. */
  key: string;
}

/** Announce a file; the answer holds the document's first state and the form that takes its bytes. */
export function announce({ kbId, file, name, tags, replaces, key }: Parcel): Promise<Schemas["CreatedDocument"]> {
  return told(
    api().POST("/v1/knowledge-bases/{kb_id}/documents", {
      params: { path: { kb_id: kbId }, header: { "Idempotency-Key": key } },
      body: {
        filename: name,
        size_bytes: file.size,
        media_type: file.type || "application/octet-stream",
        tags: [...tags],
        modified_on: "",
        replaces: replaces?.document_id ?? "",
      },
    }),
  );
}

/** Look at an announced document; undefined where it is gone. */
export async function announced(kbId: string, documentId: string): Promise<Schemas["Document"] | undefined> {
  const path = { kb_id: kbId, document_id: documentId };
  try {
    return await told(api().GET("/v1/knowledge-bases/{kb_id}/documents/{document_id}", { params: { path } }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** Take an announced document back. */
export async function takeBack(kbId: string, documentId: string): Promise<void> {
  const path = { kb_id: kbId, document_id: documentId };
  await api().DELETE("/v1/knowledge-bases/{kb_id}/documents/{document_id}", { params: { path } });
}

type Tell = (bytes: number) => void;

/** Send the form that the platform signed. */
export function post(form: Schemas["Upload"], file: File, abort: AbortSignal, tell: Tell): Promise<void> {
  const body = new FormData();
  Object.entries(form.fields).forEach(([name, value]) => body.append(name, value));
  body.append("file", file);
  return sent("POST", form.url, body, abort, (bytes) => tell(Math.min(bytes, file.size)));
}

/** Begin to send a file in parts, or go on: which parts are there, and where those go that are not. */
export function beginParts(kbId: string, documentId: string): Promise<Schemas["PartsUpload"]> {
  const path = { kb_id: kbId, document_id: documentId };
  return told(api().POST("/v1/knowledge-bases/{kb_id}/documents/{document_id}/parts", { params: { path } }));
}

/** Send one part to the address that the platform signed for it. */
export function putPart(url: string, part: Blob, abort: AbortSignal, tell: Tell): Promise<void> {
  return sent("PUT", url, part, abort, tell);
}

/** Make one file of the parts. */
export async function finishParts(kbId: string, documentId: string): Promise<void> {
  const path = { kb_id: kbId, document_id: documentId };
  await told(api().PUT("/v1/knowledge-bases/{kb_id}/documents/{document_id}/parts", { params: { path } }));
}

/** Forget the parts that were sent. */
export async function dropParts(kbId: string, documentId: string): Promise<void> {
  const path = { kb_id: kbId, document_id: documentId };
  await told(api().DELETE("/v1/knowledge-bases/{kb_id}/documents/{document_id}/parts", { params: { path } }));
}

/** Send bytes by XMLHttpRequest, because fetch tells no upload progress. */
function sent(method: string, url: string, body: FormData | Blob, abort: AbortSignal, tell: Tell): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => tell(event.loaded);
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new ApiError("", "upload_refused", request.status));
    request.onerror = () => reject(new ApiError("", "unreachable", 0));
    abort.addEventListener("abort", () => request.abort());
    request.onabort = () => reject(new ApiError("", "stopped", 0));
    request.open(method, url);
    request.send(body);
  });
}

/** Wait, until the time is over, the connection is back, or somebody stops it. */
export function pause(ms: number, abort: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      clearTimeout(timer);
      abort.removeEventListener("abort", stop);
      window.removeEventListener("online", stop);
      resolve();
    };
    const timer = setTimeout(stop, ms);
    abort.addEventListener("abort", stop);
    window.addEventListener("online", stop);
  });
}
