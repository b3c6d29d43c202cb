import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection } from "./connection";
import type { Down } from "./messages";

class FakeSocket {
  static readonly made: FakeSocket[] = [];
  readyState: number = WebSocket.CONNECTING;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor(readonly address: string) {
    FakeSocket.made.push(this);
  }
  open() {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  close() {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.();
  }
}

const last = () => FakeSocket.made.at(-1) as FakeSocket;
let tickets = 0;

function fresh(address = () => Promise.resolve(`ws://here?ticket=${++tickets}`)) {
  return new Connection({ address, open: (url) => new FakeSocket(url) as unknown as WebSocket, random: () => 1 });
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.made.length = 0;
});
afterEach(() => vi.useRealTimers());

test("it opens when something is of interest and comes back after a cut with a new ticket", async () => {
  const connection = fresh();
  const opened = vi.fn();
  connection.listen({ hear: vi.fn(), opened });
  await vi.advanceTimersByTimeAsync(0);
  last().open();
  const first = last().address;
  expect(opened).toHaveBeenCalledTimes(1);
  last().close();
  await vi.advanceTimersByTimeAsync(500);
  last().open();
  expect(opened).toHaveBeenCalledTimes(2);
  expect(last().address).not.toBe(first);
});

test("pauses between tries grow, up to half a minute", async () => {
  const address = vi.fn(() => Promise.reject(new Error("down")));
  fresh(address).listen({ hear: vi.fn() });
  await vi.advanceTimersByTimeAsync(0);
  expect(address).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(499);
  expect(address).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(address).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(60_000);
  const soFar = address.mock.calls.length;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(address.mock.calls.length).toBe(soFar + 1);
});

test("what is asked is answered by its reference, refusals are errors with their code", async () => {
  const connection = fresh();
  const heard: Down[] = [];
  connection.listen({ hear: (message) => heard.push(message) });
  await vi.advanceTimersByTimeAsync(0);
  last().open();
  const [one, other] = [connection.ask({ action: "ping", ref: "" }), connection.ask({ action: "ping", ref: "" })];
  last().say({ type: "refused", ref: last().sent[1]?.ref, action: "ping", error: { code: "no", message: "No." } });
  last().say({ type: "done", ref: last().sent[0]?.ref, action: "ping" });
  await expect(other).rejects.toMatchObject({ code: "no", message: "No." });
  await expect(one).resolves.toMatchObject({ type: "done" });
  expect(heard).toHaveLength(2);
});

test("who waits for an answer hears of a cut, of silence, and of no connection at all", async () => {
  const connection = fresh();
  await expect(connection.ask({ action: "ping", ref: "" })).rejects.toMatchObject({ isUnreachable: true });
  connection.listen({ hear: vi.fn() });
  await vi.advanceTimersByTimeAsync(0);
  last().open();
  const cut = expect(connection.ask({ action: "ping", ref: "" })).rejects.toMatchObject({ isUnreachable: true });
  last().close();
  await cut;
  await vi.advanceTimersByTimeAsync(500);
  last().open();
  const silence = expect(connection.ask({ action: "ping", ref: "" })).rejects.toMatchObject({ isUnreachable: true });
  await vi.advanceTimersByTimeAsync(15_000);
  await silence;
});

test("who waits for it hears at once that a try failed", async () => {
  const connection = fresh(() => Promise.reject(new Error("down")));
  await expect(connection.opened(60_000)).resolves.toBe(false);
  connection.listen({ hear: vi.fn() });
  await vi.advanceTimersByTimeAsync(0);
  await expect(connection.opened(60_000)).resolves.toBe(false);
});

test("it is left when nobody needs it any more, and not opened again", async () => {
  const connection = fresh();
  const stop = connection.listen({ hear: vi.fn() });
  await vi.advanceTimersByTimeAsync(0);
  last().open();
  stop();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(connection.isOpen).toBe(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.made).toHaveLength(1);
});

test("it is kept open by a word now and then", async () => {
  const connection = fresh();
  connection.listen({ hear: vi.fn() });
  await vi.advanceTimersByTimeAsync(0);
  last().open();
  await vi.advanceTimersByTimeAsync(4 * 60_000);
  expect(last().sent).toEqual([{ action: "ping", ref: "" }]);
});
