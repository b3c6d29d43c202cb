import { expect, test } from "vitest";
import { begun, grown } from "./liveAnswer";
import { readMessage, type Down, type Of } from "./messages";

const started: Of<"answer.started"> = {
  type: "answer.started",
  ref: "",
  conversation_id: "c",
  question_id: "q",
  message_id: "m",
  question: "When?",
  replaces: [],
};
const piece = (sequence: number): Down => ({ type: "answer.piece", message_id: "m", sequence, text: `${sequence} ` });
const whole = (count: number) => Array.from({ length: count }, (_, at) => `${at + 1} `).join("");

/** A small generator of numbers, so that a failure can be repeated. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
}

test("pieces in any order, some of them twice, become the text once and in order", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const below = numbers(seed);
    const count = 1 + below(12);
    const sent = Array.from({ length: count }, (_, at) => at + 1).flatMap((one) => (below(3) ? [one] : [one, one]));
    for (let at = sent.length - 1; at > 0; at--) {
      const other = below(at + 1);
      [sent[at], sent[other]] = [sent[other] as number, sent[at] as number];
    }
    let answer = begun(started);
    for (const one of sent) {
      answer = grown(answer, piece(one));
      expect(whole(count).startsWith(answer.text)).toBe(true);
      expect(answer.text).toBe(whole(answer.sequence));
    }
    expect(answer.text, `seed ${seed}`).toBe(whole(count));
    expect(answer.early).toEqual({});
  }
});

test("an answer that is cut goes on after the last piece that was shown", () => {
  let answer = [1, 2].map(piece).reduce(grown, begun(started));
  expect(answer.sequence).toBe(2);
  answer = [2, 3, 4].map(piece).reduce(grown, answer);
  expect(answer.text).toBe(whole(4));
});

test("a second beginning of the same answer voids what was shown", () => {
  const answer = grown([1, 2].map(piece).reduce(grown, begun(started)), started);
  expect([answer.text, answer.sequence]).toEqual(["", 0]);
});

test("what was stored takes the place of the pieces, and pieces after the end change nothing", () => {
  const done = { type: "answer.done", conversation_id: "c", message_id: "m", message: { content: "Whole." } } as Down;
  const answer = grown(grown(grown(begun(started), piece(1)), done), piece(2));
  expect([answer.text, answer.state]).toEqual(["Whole.", "done"]);
});

test("messages of other answers change nothing", () => {
  const answer = grown(begun(started), piece(1));
  expect(grown(answer, { type: "answer.piece", message_id: "other", sequence: 2, text: "x" })).toBe(answer);
});

test.each(["", "{", "null", "[]", '{"type": "made.up"}', new ArrayBuffer(1)])("%j is no message of ours", (data) => {
  expect(readMessage(data)).toBeUndefined();
});
