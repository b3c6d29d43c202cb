/** What the API says of a failure, or what the browser says when nothing came back. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    readonly requestId = "",
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Nothing came back: the network or the platform is down. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

interface Body {
  error?: { code?: string; message?: string; request_id?: string };
}

/** Read an error answer; one without our body keeps its status. */
export function readError(status: number, body: unknown): ApiError {
  const detail = (body as Body | undefined)?.error;
  return new ApiError(detail?.message ?? "", detail?.code ?? "unknown", status, detail?.request_id ?? "");
}
