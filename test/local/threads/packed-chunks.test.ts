import { expect, test } from "vitest";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import type { Done } from "../../../src/core/protocol/task.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import { packChunks, packDone, unpackChunks, unpackDone } from "../../../src/local/threads/packed-chunks.ts";
import { chunk } from "./requests.ts";

const plain = chunk(7);
const { batch } = plain;

/** `structuredClone` stands for the way to a thread. */
const sent = (chunks: readonly ChunkMessage[]): ChunkMessage[] =>
  unpackChunks(batch, structuredClone(packChunks(chunks)));

test("chunks, parts, hedges and rare fields arrive as they were sent, each at its place", () => {
  const chunks: ChunkMessage[] = [
    plain,
    { ...plain, chunk: 8, kind: "part", part: 3, former: "abcdefg" },
    { ...plain, chunk: 9, kind: "hedge" },
    { ...plain, chunk: 10, generation: 2, attempt: 4, fresh: true },
    { ...plain, chunk: 11, start: 2 ** 40, end: 2 ** 40 + 1 },
  ];
  expect(sent(chunks)).toEqual(chunks);
  expect(packChunks([plain]).extras).toBeNull();
});

test("what became of chunks and parts arrives as it was told", () => {
  const totals = { ...NO_TOTALS, chunks: 1, succeeded: 3, failed: 2, units: 2 ** 40, ms: 1.5 };
  const done: Done[] = [
    { child: 0, totals },
    { child: 1, part: 0, totals: { ...totals, damaged: 1 } },
    { child: 2, totals, tookMs: 0 },
  ];
  expect(unpackDone(packDone(done))).toEqual(done);
});
