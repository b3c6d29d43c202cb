import createClient, { type Middleware } from "openapi-fetch";
import { config } from "./config";
import { ApiError, readError } from "./errors";
import type { components, paths } from "./schema";
import { session } from "../auth/session";

export type Schemas = components["schemas"];

/** Copies of the requests that are under way, because a body can be sent only once. */
const unsent = new Map<string, Request>();

const authorised: Middleware = {
  async onRequest({ request, id }) {
    request.headers.set("authorization", `Bearer ${await session.idToken()}`);
    unsent.set(id, request.clone());
    return request;
  },
  async onResponse({ response, id }) {
    const again = unsent.get(id);
    unsent.delete(id);
    if (response.status !== 401 || !again) return response;
    // The token was revoked or the clock is wrong: one try with a fresh one, then the person signs in again.
    again.headers.set("authorization", `Bearer ${await session.renewed()}`);
    return fetch(again);
  },
  onError({ error, id }) {
    unsent.delete(id);
    return error instanceof ApiError ? error : new ApiError("", "unreachable", 0);
  },
};

let made: ReturnType<typeof createClient<paths>> | undefined;

/** The typed API of this installation. */
export function api() {
  if (!made) {
    made = createClient<paths>({ baseUrl: new URL(config().apiUrl, location.origin).href });
    made.use(authorised);
  }
  return made;
}

/** Unwrap an answer, or throw what the API said. */
export async function told<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (error !== undefined || data === undefined) throw readError(response.status, error);
  return data;
}

/** Follow a listing's cursor to its end. */
export async function everything<T>(page: (cursor: string) => Promise<{ items: T[]; cursor: string }>): Promise<T[]> {
  const items: T[] = [];
  let cursor = "";
  do {
    const found = await page(cursor);
    items.push(...found.items);
    cursor = found.cursor;
  } while (cursor);
  return items;
}
