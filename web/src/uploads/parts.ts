import { ApiError } from "../api/errors";
import type { Schemas } from "../api/client";
import type * as network from "./send";

/** A file over this is sent in parts, so that a lost connection costs one of them and not all. */
export const LARGE_BYTES = 8 * 1024 * 1024;
const SPARE_MS = 5 * 60_000;

export type PartsNet = Pick<typeof network, "beginParts" | "putPart" | "finishParts" | "dropParts">;

/**
 * Send what is missing of a file.
 *
 * @throws ApiError what was refused; unreachable where the connection was lost, and then calling it again goes on.
 */
export async function sendParts(
  net: PartsNet,
  { kbId, documentId, file }: { kbId: string; documentId: string; file: File },
  abort: AbortSignal,
  tell: (bytes: number) => void,
): Promise<void> {
  for (;;) {
    const upload = await begin(net, kbId, documentId);
    if (!upload) return; // an earlier call has finished it, and only its answer was lost
    const missing = upload.parts;
    let there = file.size - missing.reduce((sum, part) => sum + part.size_bytes, 0);
    tell(there);
    const until = Date.parse(upload.expires_at) - SPARE_MS;
    for (const part of missing) {
      if (Date.now() > until) break;
      const start = (part.number - 1) * upload.part_bytes;
      await net.putPart(part.url, file.slice(start, start + part.size_bytes), abort, (bytes) =>
        tell(there + Math.min(bytes, part.size_bytes)),
      );
      there += part.size_bytes;
      tell(there);
    }
    if (there === file.size) return net.finishParts(kbId, documentId);
  }
}

/** Begin, or go on with what was begun; undefined where the file is there already. */
async function begin(net: PartsNet, kbId: string, documentId: string): Promise<Schemas["PartsUpload"] | undefined> {
  try {
    return await net.beginParts(kbId, documentId);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "not_uploading") return undefined;
    if (error.code !== "upload_expired") throw error;
    await net.dropParts(kbId, documentId);
    return net.beginParts(kbId, documentId);
  }
}
