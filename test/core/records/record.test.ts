import { expect, test } from "vitest";
import { applyUpdate, create } from "../../../src/core/records/record.ts";
import type { Condition, Fields } from "../../../src/core/records/record.ts";

const old: Fields = { text: "a", count: 3, flag: true };

/** Whether an update with this one condition applies to a record. */
const holds = (record: Fields | null, condition: Condition): boolean => {
  return applyUpdate(record, { key: "k", when: [condition], set: {}, add: {} }).applied;
};

test("fields are set and added to, and other fields stay", () => {
  const update = { key: "k", when: [], set: { text: "b", more: [1, null] }, add: { count: 2, fresh: 7 } };
  const record = { text: "b", count: 5, flag: true, more: [1, null], fresh: 7 };
  expect(applyUpdate(old, update)).toEqual({ applied: true, record });
  expect(old).toEqual({ text: "a", count: 3, flag: true });
});

test("an update creates a missing record, and adds to an absent field as to 0", () => {
  const update = { key: "k", when: [], set: {}, add: { count: 2 } };
  expect(applyUpdate(null, update)).toEqual({ applied: true, record: { count: 2 } });
  expect(applyUpdate({ count: "x" }, update)).toEqual({ applied: true, record: { count: 2 } });
});

test("a field that would set the prototype is left out", () => {
  const hostile = JSON.parse('{"__proto__":{"sealed":true},"a":1}') as Fields;
  for (const [before, set] of [
    [hostile, {}],
    [null, hostile],
  ] as const) {
    const { record } = applyUpdate(before, { key: "k", when: [], set, add: {} });
    expect([record?.["a"], record?.["sealed"]]).toEqual([1, undefined]);
  }
});

test("a refused update changes nothing, and the reply has the record that refused it", () => {
  const when: Condition[] = [{ is: "existing" }, { is: "equal", field: "text", value: "b" }];
  const update = { key: "k", when, set: { text: "c" }, add: { count: 1 } };
  expect(applyUpdate(old, update)).toEqual({ applied: false, record: old });
  expect(applyUpdate(null, update)).toEqual({ applied: false, record: null });
});

test("a record is created once", () => {
  const first = applyUpdate(null, create("k", { a: 1 }));
  expect(first).toEqual({ applied: true, record: { a: 1 } });
  expect(applyUpdate(first.record, create("k", { a: 2 }))).toEqual({ applied: false, record: { a: 1 } });
});

test.for<[Condition, ofRecord: boolean, ofNothing: boolean]>([
  [{ is: "new" }, false, true],
  [{ is: "existing" }, true, false],
  [{ is: "absent", field: "text" }, false, true],
  [{ is: "absent", field: "other" }, true, true],
  [{ is: "equal", field: "text", value: "a" }, true, false],
  [{ is: "equal", field: "flag", value: true }, true, false],
  [{ is: "equal", field: "count", value: "3" as string | number }, false, false],
  [{ is: "absent-or-above", field: "count", value: 2 }, true, true],
  [{ is: "absent-or-above", field: "count", value: 3 }, false, true],
  [{ is: "absent-or-above", field: "other", value: 3 }, true, true],
  [{ is: "absent-or-above", field: "text", value: 0 }, false, true],
  [{ is: "at-most", field: "count", value: 3 }, true, false],
  [{ is: "at-most", field: "count", value: 2 }, false, false],
  [{ is: "at-most", field: "other", value: 3 }, false, false],
  [{ is: "at-most", field: "text", value: 9 }, false, false],
])("%j holds for a record as defined", ([condition, ofRecord, ofNothing]) => {
  expect(holds(old, condition)).toBe(ofRecord);
  expect(holds(null, condition)).toBe(ofNothing);
});
