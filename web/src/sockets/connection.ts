import { api, told } from "../api/client";
import { ApiError } from "../api/errors";
import { readMessage, type Down, type Up } from "./messages";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** The gateway closes a connection on which nothing was said for 10 minutes. */
const PING_MS = 4 * 60_000;
const ANSWER_WITHIN_MS = 15_000;
/** How long a connection that nobody needs any more is kept: the next page may need it. */
const KEPT_MS = 20_000;

export interface Ways {
  /** Get the address of a new connection; it works once. */
  address: () => Promise<string>;
  open: (address: string) => WebSocket;
  random: () => number;
}

const ways: Ways = {
  address: async () => (await told(api().POST("/v1/socket-tickets"))).url,
  open: (address) => new WebSocket(address),
  random: Math.random,
};

interface Waiting {
  resolve: (message: Down) => void;
  reject: (error: ApiError) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** What the page wants to hear of; said again on every new connection. */
export interface Interest {
  hear: (message: Down) => void;
  /** The connection is open, or open again: say what is wanted. */
  opened?: () => void;
  /** There is no connection at the moment. */
  closed?: () => void;
}

const lost = () => new ApiError("", "unreachable", 0);

/**
 * The one WebSocket of a page. It is open while anything is of interest, comes back by itself after a cut with growing
 * pauses, and gets a new ticket each time. Everything that it does has a way over REST: who finds it closed takes that.
 */
export class Connection {
  private socket: WebSocket | undefined;
  private readonly interests = new Set<Interest>();
  private readonly waiting = new Map<string, Waiting>();
  private tries = 0;
  private opening = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private leaving: ReturnType<typeof setTimeout> | undefined;
  private ping: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly by: Ways = ways) {}

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Hear what comes until the returned function is called. */
  listen(interest: Interest): () => void {
    this.interests.add(interest);
    clearTimeout(this.leaving);
    if (this.isOpen) interest.opened?.();
    else void this.connect();
    return () => {
      this.interests.delete(interest);
      if (this.interests.size === 0) this.leaving = setTimeout(() => this.close(), KEPT_MS);
    };
  }

  /** Send a message and wait for what answers it. Throws an ApiError: what was refused, or that there is no connection. */
  async ask(message: Up): Promise<Down> {
    const socket = this.socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) throw lost();
    const ref = crypto.randomUUID();
    return new Promise<Down>((resolve, reject) => {
      const timer = setTimeout(() => this.settle(ref)?.reject(lost()), ANSWER_WITHIN_MS);
      this.waiting.set(ref, { resolve, reject, timer });
      socket.send(JSON.stringify({ ...message, ref }));
    });
  }

  /** Send a message whose answer is of no interest; nothing where there is no connection. */
  tell(message: Up): void {
    if (this.isOpen) this.socket?.send(JSON.stringify(message));
  }

  /** Wait for an open connection, at most so long, and not at all once a try has failed. */
  async opened(withinMs: number): Promise<boolean> {
    if (this.isOpen) return true;
    if (this.tries > 0) return false;
    return new Promise<boolean>((resolve) => {
      const found = (isThere: boolean) => {
        clearTimeout(timer);
        queueMicrotask(() => stop());
        resolve(isThere);
      };
      const timer = setTimeout(() => found(false), withinMs);
      const stop = this.listen({ hear: () => undefined, opened: () => found(true), closed: () => found(false) });
    });
  }

  /** Leave; the next interest opens it again. */
  close(): void {
    clearTimeout(this.retry);
    this.tries = 0;
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
    this.end();
  }

  private async connect(): Promise<void> {
    if (this.opening || this.socket) return;
    clearTimeout(this.retry);
    this.opening = true;
    try {
      const socket = this.by.open(await this.by.address());
      this.socket = socket;
      socket.onopen = () => this.begin();
      socket.onmessage = (event) => this.hear(readMessage(event.data));
      socket.onclose = () => this.lose(socket);
    } catch {
      this.later();
    } finally {
      this.opening = false;
    }
  }

  private begin(): void {
    this.tries = 0;
    this.ping = setInterval(() => this.tell({ action: "ping", ref: "" }), PING_MS);
    for (const interest of [...this.interests]) interest.opened?.();
  }

  private hear(message: Down | undefined): void {
    if (!message) return;
    const ref = "ref" in message ? message.ref : "";
    const waiting = ref ? this.settle(ref) : undefined;
    // What answers a question is known to the page before the one who asked goes on.
    for (const interest of [...this.interests]) interest.hear(message);
    if (message.type === "refused") waiting?.reject(new ApiError(message.error.message, message.error.code, 400));
    else waiting?.resolve(message);
  }

  private settle(ref: string): Waiting | undefined {
    const waiting = this.waiting.get(ref);
    this.waiting.delete(ref);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  private lose(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.end();
    this.later();
  }

  private end(): void {
    clearInterval(this.ping);
    for (const ref of [...this.waiting.keys()]) this.settle(ref)?.reject(lost());
  }

  private later(): void {
    for (const interest of [...this.interests]) interest.closed?.();
    if (this.interests.size === 0) return;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.tries, LONGEST_WAIT_MS) * (0.5 + this.by.random() / 2);
    this.tries += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.connect(), wait);
  }
}

/** The page's connection. */
export const connection = new Connection();
