/** The bodies of a merge: how many are loaded ahead, how much of them is held, how often each is read. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Contributions, Piece } from "../../../src/core/records/contribution.ts";
import type { ObjectStore } from "../../../src/ports.ts";
import { BodiesInTurn } from "../../../src/runner/merge/bodies-in-turn.ts";
import { LEFT_OUT, NOTHING } from "../../../src/runner/runner.ts";

const MIB = 1024 * 1024;

/** Body `n` holds child `n` and those after it, whose values say from where they are. `bytes`: of each. */
function bodiesOf(children: readonly number[], bytes: readonly number[], fails: readonly number[] = []) {
  const reads: number[] = [];
  const closed: number[] = [];
  const store: Pick<ObjectStore, "read"> = {
    async *read(name) {
      const body = Number(name);
      reads.push(body);
      await setImmediate();
      closed.push(body);
      if (fails.includes(body)) throw new Error(`body ${body} is gone`);
      const span = { items: 1, lines: 1, anchored: false };
      const all = children.map((_, place) => [100 + place, { value: `${place} of ${body}`, span }]);
      yield Buffer.from(JSON.stringify(Object.fromEntries(all) satisfies Contributions));
    },
  };
  const bodies: Piece[] = bytes.map((length, body) => ({ name: `${body}`, offset: 0, length }));
  const request = { batch: "b", index: 0, tag: "t", root: false, first: 100, children, bodies };
  return { reads, closed, turn: new BodiesInTurn(store, request) };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test("sixteen bodies are loaded ahead, and another one for each that is used up", async () => {
  const bytes = upTo(40).map(() => 100);
  const { reads, turn } = bodiesOf(upTo(40), bytes);
  for (let place = 0; place < 40; place++) {
    expect(await turn.take(place)).toMatchObject({ value: `${place} of ${place}` });
    expect(reads).toEqual(upTo(Math.min(40, place + 16)));
  }
});

test("a body of several children is read once, and held until the last of them", async () => {
  const children = [0, 1, 0, NOTHING, LEFT_OUT, 1, 0, 2];
  const { reads, turn } = bodiesOf(children, [10, 10, 10]);
  const values: unknown[] = [];
  for (const [place, body] of children.entries()) if (body >= 0) values.push((await turn.take(place))?.value);
  expect(values).toEqual(["0 of 0", "1 of 1", "2 of 0", "5 of 1", "6 of 0", "7 of 2"]);
  expect(reads).toEqual([0, 1, 2]);
  // It is there already: nothing has to be waited for.
  const again = bodiesOf([0, 0], [10]);
  await again.turn.take(0);
  expect(again.turn.take(1)).toMatchObject({ value: "1 of 0" });
});

test("bodies of eight MiB together are held, and no more are loaded ahead", async () => {
  const { reads, turn } = bodiesOf(upTo(6), [4 * MIB, 4 * MIB, 4 * MIB, 4 * MIB, 1, 8 * MIB]);
  const seen: number[] = [];
  for (let place = 0; place < 6; place++) {
    await turn.take(place);
    seen.push(reads.length);
  }
  // The fifth is tiny and comes with the two before it; the last one has to wait until it is alone.
  expect(seen).toEqual([2, 3, 4, 5, 5, 6]);
  expect(reads).toEqual(upTo(6));
});

test("a body that is larger than what may be held is loaded again for its next child", async () => {
  const large = bodiesOf([0, 0, 1], [9 * MIB, 10]);
  for (const place of [0, 1, 2]) expect(await large.turn.take(place)).toBeDefined();
  expect(large.reads.filter((body) => body === 0)).toHaveLength(2);
  const fits = bodiesOf([0, 0, 1], [8 * MIB, 10]);
  for (const place of [0, 1, 2]) expect(await fits.turn.take(place)).toBeDefined();
  expect(fits.reads).toEqual([0, 1]);
});

test("behind a body that is too large to be held others are loaded ahead again", async () => {
  const { reads, turn } = bodiesOf([0, 1, 2], [9 * MIB, 10, 10]);
  await turn.take(0);
  expect(reads).toEqual([0]);
  await turn.take(1);
  expect(reads).toEqual([0, 1, 2]);
});

test("a body that cannot be read fails the child that waits for it, and no other", async () => {
  const { turn } = bodiesOf([0, 1, 2], [10, 10, 10], [1]);
  expect(await turn.take(0)).toMatchObject({ value: "0 of 0" });
  // By now the other one has failed.
  await setImmediate();
  await expect(turn.take(1)).rejects.toThrow("body 1 is gone");
  await turn.close();
});

test("nothing is under way any more after the end, whatever comes of it", async () => {
  const bytes = upTo(5).map(() => 10);
  const { reads, closed, turn } = bodiesOf(upTo(5), bytes, [3]);
  void turn.take(0);
  await turn.close();
  expect([reads, closed]).toEqual([upTo(5), upTo(5)]);
});

test("a child whose body is not in the request is an error", () => {
  const { turn } = bodiesOf([0, 7], [10]);
  expect(() => turn.take(1)).toThrow(new RangeError("a merge has no body 7"));
});
