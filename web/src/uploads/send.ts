import { api, told, type Schemas } from "../api/client";
import { ApiError } from "../api/errors";

/** What is to become a document. */
export interface Parcel {
  kbId: string;
  file: File;
  /** The path inside the dropped folder, or the name. */
  name: string;
  tags: readonly string[];
  /** Names this try, so that an answer that was lost leaves no second document. */
  key: string;
}

/** Announce a file; the answer holds the document's first state and the form that takes its bytes. */
export function announce({ kbId, file, name, tags, key }: Parcel): Promise<Schemas["CreatedDocument"]> {
  return told(
    api().POST("/v1/knowledge-bases/{kb_id}/documents", {
      params: { path: { kb_id: kbId }, header: { "Idempotency-Key": key } },
      body: {
        filename: name,
        size_bytes: file.size,
        media_type: file.type || "application/octet-stream",
        tags: [...tags],
        modified_on: "",
      },
    }),
  );
}

/** Take an announced document back. */
export async function takeBack(kbId: string, documentId: string): Promise<void> {
  const path = { kb_id: kbId, document_id: documentId };
  await api().DELETE("/v1/knowledge-bases/{kb_id}/documents/{document_id}", { params: { path } });
}

/** Send the form that the platform signed; XMLHttpRequest, because fetch tells no upload progress. */
export function post(
  form: Schemas["Upload"],
  file: File,
  abort: AbortSignal,
  tell: (bytes: number) => void,
): Promise<void> {
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
