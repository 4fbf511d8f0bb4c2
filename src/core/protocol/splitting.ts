/**
 * The steps of an attempt that did not finish its chunk: what is done is settled in a part of its own, and
 * the rest become further parts, which are sent. The leaf stays the only arbiter: a full split and an attempt
 * at the whole chunk compete for one tag there.
 *
 * In this order: the partial is kept, the record is written, the parts are sent as the record says them. An
 * attempt never sends its own ranges: another one may have cut elsewhere.
 */
import type { ChunkMessage, PartMessage } from "../records/message.ts";
import type { Fields } from "../records/record.ts";
import { MAX_PARTS, SplitView, cutChunk, cutPart, openParts, splitOf } from "../records/split.ts";
import type { ChunkCut, CutRange } from "../records/split.ts";
import { nodeKey } from "../records/tree.ts";
import { advance } from "./advancing.ts";
import type { Step, Task } from "./task.ts";

export function cutTask(cut: ChunkCut, tag: string): Task {
  const { message } = cut;
  return message.kind === "part" ? { do: "read-split", message, cut, tag } : { do: "split", cut, tag };
}

/**
 * What follows for a message whose chunk or part was cut, by this attempt or another: the parts without a tag
 * that lie within its range are sent, or the full split takes its next step.
 */
export function afterCut(
  message: ChunkMessage,
  record: Fields | null,
  fanIn: number,
  ranges: readonly CutRange[] = [],
): readonly Task[] {
  if (!record) return [];
  const view = new SplitView(record);
  if (view.full) return advance(splitOf(message), view, fanIn);
  if (view.sealed) return [];
  return sends(openParts(view, message), ranges);
}

/** Parts that have to wait are delayed. Should they come at once, they are only told to wait once more. */
function sends(parts: readonly PartMessage[], ranges: readonly CutRange[]): Task[] {
  const laterOf = new Map(ranges.flatMap(({ start, later }) => (later ? [[start, later]] : [])));
  const byTime = Map.groupBy(parts, ({ start }) => laterOf.get(start)?.at ?? 0);
  return [...byTime].map(([at, ofTime]) => {
    const messages = ofTime.map((part) => {
      const { waitedMs = 0 } = laterOf.get(part.start) ?? {};
      return waitedMs > 0 ? { ...part, waitedMs } : part;
    });
    return { do: "send", queue: "worker", messages, ...(at > 0 ? { at } : {}) };
  });
}

/** Refused if there is a record: then its parts are sent, and the work of this attempt does not count. */
const splitStep: Step<"split", "update"> = {
  effect: ({ cut, tag }) => ({ kind: "update", update: cutChunk(cut, tag) }),
  follow: ({ cut: { message, ranges } }, { record }, fanIn) => afterCut(message, record, fanIn, ranges),
};

const readSplit: Step<"read-split", "read"> = {
  effect: ({ message }) => ({ kind: "read", keys: [nodeKey(splitOf(message))] }),
  follow: (task, [record], fanIn) => (record ? splitAgain(task, record, fanIn) : []),
};

/** Refused if another cut was first. That of another part only moves the numbers of the new parts. */
const splitAgainStep: Step<"split-again", "update"> = {
  effect: ({ message, cut, tag, expects }) => ({
    kind: "update",
    update: cutPart(message, cut, tag, expects),
  }),
  follow(task, { applied, record }, fanIn) {
    if (!record) return [];
    return applied ? afterCut(task.message, record, fanIn, task.cut.ranges) : splitAgain(task, record, fanIn);
  },
};

function splitAgain(
  {
    message,
    cut,
    tag,
  }: { readonly message: ChunkMessage & { kind: "part" }; readonly cut: ChunkCut; readonly tag: string },
  record: Fields,
  fanIn: number,
): readonly Task[] {
  const view = new SplitView(record);
  if (view.tag(message.part) !== null) return afterCut(message, record, fanIn);
  if (view.sealed) return [];
  const { expects } = view;
  if (expects + cut.ranges.length - 1 <= MAX_PARTS)
    return [{ do: "split-again", message, cut, tag, expects }];
  // The attempt has failed, as one that ends without a finished item.
  const again = { ...message, attempt: message.attempt + 1 };
  return [{ do: "send", queue: "worker", messages: [again] }];
}

export const splitting = { split: splitStep, "read-split": readSplit, "split-again": splitAgainStep };
