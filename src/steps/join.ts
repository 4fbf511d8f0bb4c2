/**
 * The join: merges the partials of a final node and settles it in its parent. At the root it ends the batch.
 */
import { stateOf } from "../core/records/batch/batch.ts";
import type { BatchState, Failure } from "../core/records/batch/batch.ts";
import { keepPartial, parsePartial, partialKey, partName } from "../core/records/contribution.ts";
import type { Piece } from "../core/records/contribution.ts";
import type { NodeMessage } from "../core/records/message.ts";
import { begin } from "../core/protocol/protocol.ts";
import { GAP } from "../core/span.ts";
import type { Effect, Merged } from "../core/protocol/task.ts";
import { SplitView, viewOf } from "../core/records/split.ts";
import { FAN_IN, LEFT_OUT_TAG, previousTag, namesNothing } from "../core/records/tree.ts";
import type { NodeId, NodeView } from "../core/records/tree.ts";
import { viewsBelow } from "./redriving/earlier-generations.ts";
import { storeBody } from "../runner/contribution/body.ts";
import { runProtocol } from "./run-protocol.ts";
import { noteSpent } from "./spending.ts";
import { mergeSpan } from "./tracing/step-spans.ts";
import type { Ports } from "../ports.ts";
import { LEFT_OUT, NOTHING } from "../runner/runner.ts";
import type { MergeReply, MergeRequest, Runner } from "../runner/runner.ts";

type MergeEffect = Extract<Effect, { kind: "merge" }>;

/** Returns the batch's final state if this ended the batch; `null` if it did not. */
export async function join(
  ports: Ports,
  runner: Pick<Runner, "merge">,
  message: NodeMessage,
): Promise<BatchState | null> {
  const { tracer } = ports;
  if (!tracer) return joined(ports, runner, message);
  return mergeSpan(ports, tracer, message, () => joined(ports, runner, message));
}

async function joined(
  ports: Ports,
  runner: Pick<Runner, "merge">,
  message: NodeMessage,
): Promise<BatchState | null> {
  let ended: BatchState | null = null;
  const work = {
    merge: async (effect: MergeEffect) => {
      const request = await requestFor(ports, effect);
      return merged(ports, effect, request, await runner.merge(request));
    },
  };
  await runProtocol(ports, begin(message), work, (task, reply) => {
    if (task.do === "commit" && reply && "applied" in reply && reply.applied) ended = stateOf(reply.record);
  });
  await noteSpent(ports, message.node.batch);
  return ended;
}

/** Gives up a merge that keeps crashing: it passes its counts on without a value, so the batch still ends. */
export async function giveUpJoin(ports: Ports, message: NodeMessage, error: Failure): Promise<void> {
  await runProtocol(ports, begin(message), {
    merge: async (effect) => {
      const request = await requestFor(ports, effect);
      const split = request.split ? { split: request.split.generation } : {};
      const contribution = { span: GAP, error, ...split };
      const body = await storeBody(ports.store.of(request.batch), { [request.index]: contribution });
      return merged(ports, effect, request, { body, files: null, error });
    },
  });
}

/** What to merge: the children's tags in order, and each body that they name once. */
async function requestFor(ports: Ports, { node, fields, merged }: MergeEffect): Promise<MergeRequest> {
  const view = viewOf(node, fields, ports.fanIn);
  const tags = await childTags(ports, node, view);
  const rest = tags.slice(merged?.children ?? 0);
  const named = [...new Set(rest.filter((tag) => tag !== null && !namesNothing(tag)))] as string[];
  const [former, ...bodies] = await bodiesOf(ports, node.batch, [merged?.tag ?? null, ...named]);
  const places = new Map(named.map((tag, place) => [tag, place]));
  return {
    batch: node.batch,
    index: node.index,
    tag: ports.newTag(),
    root: view.root,
    first: node.index * (ports.fanIn ?? FAN_IN),
    ...(view instanceof SplitView ? { split: partsOf(node, view) } : {}),
    children: tags.map((tag) =>
      tag === null || tag === LEFT_OUT_TAG ? LEFT_OUT : (places.get(tag) ?? NOTHING),
    ),
    bodies: bodies.flatMap((body) => body ?? []),
    ...(merged && former ? { merged: { children: merged.children, body: former } } : {}),
  };
}

/** The bodies that tags name; `null` for no tag. */
async function bodiesOf(
  { ledger }: Ports,
  batch: string,
  tags: readonly (string | null)[],
): Promise<(Piece | null)[]> {
  const keys = tags.flatMap((tag) => (tag === null ? [] : [partialKey(batch, tag)]));
  const records = await ledger.read(keys);
  const bodies = records.map((record, place) => parsePartial(keys[place] ?? "", record));
  return tags.map((tag) => (tag === null ? null : (bodies.shift() ?? null)));
}

/** The children's tags in order; in a redrive, those of before for children that were not redone. */
async function childTags({ ledger }: Ports, node: NodeId, view: NodeView): Promise<(string | null)[]> {
  if (view instanceof SplitView) return view.parts().map((part) => view.tag(part));
  const below = await viewsBelow(ledger, node, view);
  return view.tags().map((tag, child) => tag ?? previousTag(below, child));
}

/** Of a chunk that had a value before, some parts may be as they were: not done again, or given up. */
function partsOf({ index, generation }: NodeId, view: SplitView): MergeRequest["split"] & {} {
  const parts = view.parts();
  const names = parts.map((part) => partName(index, view.startOf(part)));
  if (view.redone === null) return { names, generation };
  const isKept = (part: number): boolean =>
    view.kept?.has(part) === true || (view.formerOf(part) !== null && view.tag(part) === view.formerOf(part));
  return { names, generation, kept: parts.map(isKept) };
}

function merged(
  ports: Ports,
  { node, fields }: MergeEffect,
  { tag }: MergeRequest,
  reply: MergeReply,
): Merged {
  const { body, files, error, until } = reply;
  const totals = viewOf(node, fields, ports.fanIn).totals();
  return {
    tag,
    keep: body ? keepPartial(node.batch, tag, body) : null,
    until,
    joined: { totals, result: files ? { ...files } : null, error },
    at: ports.clock.now(),
  };
}
