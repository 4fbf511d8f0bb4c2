import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { PartMessage, WholeMessage } from "../../../src/core/records/message.ts";
import { parseMessage } from "../../../src/core/records/parse-message.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import {
  MAX_PARTS,
  SplitView,
  cutChunk,
  cutPart,
  openParts,
  sealSplit,
} from "../../../src/core/records/split.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";

const CHUNK: WholeMessage = {
  kind: "chunk",
  batch: "b",
  generation: 0,
  chunk: 7,
  attempt: 2,
  source: 0,
  start: 100,
  end: 200,
};
const DONE = { ...NO_TOTALS, succeeded: 10, units: 10, ms: 5, chunks: 1 };

function cut(...starts: number[]): Fields {
  const ranges = starts.map((start, place) => ({ start, done: place === 0 }));
  const { record } = applyUpdate(null, cutChunk({ message: CHUNK, ranges, totals: DONE }, "tag"));
  return record ?? {};
}

function part(fields: Fields, number: number): PartMessage {
  const message = openParts(new SplitView(fields), CHUNK).find((one) => one.part === number);
  if (!message) throw new Error(`part ${number} is not open`);
  return message;
}

function again(message: PartMessage, ...starts: number[]) {
  return { message, ranges: starts.map((start, place) => ({ start, done: place === 0 })), totals: DONE };
}

describe("a split", () => {
  test("has the messages of its open parts, which are of a kind of their own and count attempts anew", () => {
    const parts = openParts(new SplitView(cut(100, 120, 160)), CHUNK);
    const common = { ...CHUNK, kind: "part", attempt: 1 };
    expect(parts).toEqual([
      { ...common, part: 1, start: 120, end: 160 },
      { ...common, part: 2, start: 160, end: 200 },
    ]);
    expect(parts.map(parseMessage)).toEqual(parts);
    expect(parseMessage({ ...parts[0], part: -1 })).toBeNull();
  });

  test("counts items in its parts, and a chunk only once it is final", () => {
    const fields = cut(100, 150);
    expect(fields).toMatchObject({ settled: 1, succeeded: 10, units: 10, chunks: 0 });
    const sealed = applyUpdate(fields, sealSplit({ batch: "b", generation: 0, level: -1, index: 7 })).record;
    expect(new SplitView(sealed ?? {}).totals()).toMatchObject({ chunks: 0, lost: 1, succeeded: 10 });
    const full = new SplitView({ ...fields, settled: 2, "1": "other" });
    expect(full.totals()).toMatchObject({ chunks: 1, lost: 0 });
    expect(new SplitView({ ...full.fields, was: "lost" }).totals()).toMatchObject({ chunks: 1, lost: -1 });
    expect(new SplitView({ ...full.fields, was: "whole" }).totals()).toMatchObject({ chunks: 0, lost: 0 });
  });

  test("of a part that is cut again has the new parts at its end, and all of them in order", () => {
    const fields = cut(100, 120, 160);
    const { record } = applyUpdate(
      fields,
      cutPart(part(fields, 1), again(part(fields, 1), 120, 130, 140), "t2", 3),
    );
    const view = new SplitView(record ?? {});
    expect(view.parts()).toEqual([0, 1, 3, 4, 2]);
    expect(view.parts().map((one) => [view.startOf(one), view.endOf(one), view.tag(one)])).toEqual([
      [100, 120, "tag"],
      [120, 130, "t2"],
      [130, 140, null],
      [140, 160, null],
      [160, 200, null],
    ]);
  });

  test("refuses a cut that counts on another number of parts; the cut is made again with the new one", () => {
    const fields = cut(100, 120, 160);
    const first = cutPart(part(fields, 1), again(part(fields, 1), 120, 140), "t2", 3);
    const after = applyUpdate(fields, first).record ?? {};
    const message = part(fields, 2);
    const second = {
      do: "split-again",
      message,
      cut: again(message, 160, 180),
      tag: "t3",
      expects: 3,
    } as const;
    const protocol = createProtocol(2);
    const effect = protocol.effectOf(second);
    if (effect.kind !== "update") throw new Error("no update");
    const refused = applyUpdate(after, effect.update);
    expect(refused.applied).toBe(false);
    expect(protocol.follow(second, refused)).toEqual([{ ...second, expects: 4 }]);
  });

  test("with no room for more parts counts the attempt as failed, and the part is sent again", () => {
    const fields = cut(...Array.from({ length: 50 }, (_, place) => 100 + place));
    const message = part(fields, 3);
    const task = { do: "read-split", message, cut: again(message, 103, 103.5), tag: "t" } as const;
    const tasks = createProtocol(2).follow(task, [{ ...fields, expects: MAX_PARTS }]);
    expect(tasks).toEqual([{ do: "send", queue: "worker", messages: [{ ...message, attempt: 2 }] }]);
  });

  test("has names for all its parts that are not those of its other fields", () => {
    const names = Array.from({ length: MAX_PARTS }, (_, place) => place.toString(36));
    const others = [
      "s0",
      "t0",
      "end",
      "expects",
      "was",
      "redone",
      "sealed",
      "settled",
      ...Object.keys(NO_TOTALS),
    ];
    expect(names.filter((name) => others.includes(name) || /^[st]/.test(name.padStart(2, "0")))).toEqual([]);
  });
});
