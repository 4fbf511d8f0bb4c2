/** What the answer of a runner says about the chunks that were wanted of it. */
import { workName } from "../../core/records/message.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { ChunkCut } from "../../core/records/split.ts";
import type { ChunksReply } from "../../runner/runner.ts";

/** The names of the chunks and parts that are finished, cut, or settled by another attempt. */
export function endedIn({ done, cuts = [], overtaken = [] }: ChunksReply): ReadonlySet<string> {
  const names = new Set([...overtaken, ...done.map(({ child, part }) => workName(namedBy(child, part)))]);
  for (const { chunk, part } of cuts) names.add(workName(namedBy(chunk, part)));
  return names;
}

/** What an answer leaves open of the chunks that were wanted. */
export function openAfter(wanted: readonly ChunkMessage[], reply: ChunksReply): readonly ChunkMessage[] {
  if (areDone(wanted, reply)) return [];
  const ended = endedIn(reply);
  return wanted.filter((message) => !ended.has(workName(message)));
}

/** Nearly always all whole chunks are done, in order: then no name of theirs has to be made. */
function areDone(wanted: readonly ChunkMessage[], { done }: ChunksReply): boolean {
  if (done.length !== wanted.length) return false;
  return wanted.every((message, place) => {
    const { child, part } = done[place] ?? {};
    return message.kind !== "part" && part === undefined && message.chunk === child;
  });
}

export function cutsOf(wanted: readonly ChunkMessage[], { cuts = [] }: ChunksReply): ChunkCut[] {
  return cuts.flatMap(({ chunk, part, ranges, totals }) => {
    const name = workName(namedBy(chunk, part));
    const message = wanted.find((one) => workName(one) === name);
    return message ? [{ message, ranges, totals }] : [];
  });
}

function namedBy(chunk: number, part: number | undefined): Parameters<typeof workName>[0] {
  return part === undefined ? { chunk } : { chunk, part };
}
