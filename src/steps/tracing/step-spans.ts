/** The spans of the steps. Only steps with a tracer come here. */
import { attemptOf } from "../bundle/delivery.ts";
import type { ChunkDelivery } from "../bundle/delivery.ts";
import { generationBeganAt, generationOf, stateOf } from "../../core/records/batch/batch.ts";
import type { NodeMessage, QueueName } from "../../core/records/message.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Reply, TaskFields } from "../../core/protocol/task.ts";
import { NO_TOTALS } from "../../core/records/totals.ts";
import type { Totals } from "../../core/records/totals.ts";
import { readBatch } from "../../batch/spec.ts";
import type { Ports, TraceSpan, SpanAttributes, SpanOf, Tracer } from "../../ports.ts";

/** Planning is rare: its spans are in the trace of the submission. */
export async function planSpan<T>(
  ports: Ports,
  tracer: Tracer,
  batch: string,
  work: () => Promise<T>,
): Promise<T> {
  const { job, trace, attributes } = await origin(ports, batch);
  const more = { ...attributes, ...messaging("coordinator") };
  return tracer.span({ name: `plan ${job}`, kind: "consumer", attributes: more, ...inTrace(trace) }, work);
}

/** The chunks of a batch are many: each bundle has a trace of its own, with a link to the submission. */
export async function bundleSpan<T>(
  { ports, tracer }: { readonly ports: Ports; readonly tracer: Tracer },
  batch: string,
  bundle: readonly ChunkDelivery[],
  work: (span: TraceSpan) => Promise<T>,
): Promise<T> {
  const { job, trace, attributes } = await origin(ports, batch);
  const more = {
    ...messaging("worker"),
    "messaging.batch.message_count": bundle.length,
    "fanjoin.attempt": Math.max(...bundle.map(attemptOf)),
  };
  const of = { name: `process ${job}`, kind: "consumer", attributes: { ...attributes, ...more } } as const;
  return tracer.span({ ...of, own: { link: trace } }, work);
}

/** So has the merge of each node. */
export async function mergeSpan<T>(
  ports: Ports,
  tracer: Tracer,
  { node }: NodeMessage,
  work: () => Promise<T>,
): Promise<T> {
  const { job, trace, attributes } = await origin(ports, node.batch);
  const { level, index } = node;
  const more = { ...messaging("join"), "fanjoin.node.level": level, "fanjoin.node.index": index };
  const of = { name: `merge ${job}`, kind: "consumer", attributes: { ...attributes, ...more } } as const;
  return tracer.span({ ...of, own: { link: trace } }, work);
}

/**
 * The commit, and with it the whole batch: a span from the submission to its end, in the trace of the
 * submission. A commit is applied once, so there is one for each generation.
 */
export async function commitSpan(
  { clock }: Ports,
  tracer: Tracer,
  { batch, record }: TaskFields["commit"],
  commit: () => Promise<Reply>,
): Promise<Reply> {
  const startedAt = clock.now();
  const reply = await commit();
  if (!reply || !("applied" in reply) || !reply.applied) return reply;
  const { job, trace, attributes } = originIn(batch, record);
  const endedAt = clock.now();
  const { chunks, succeeded, failed } = (reply.record?.["totals"] ?? NO_TOTALS) as unknown as Totals;
  const ended = {
    "fanjoin.batch.state": stateOf(reply.record ?? {}),
    "fanjoin.chunks": chunks,
    "fanjoin.items.succeeded": succeeded,
    "fanjoin.items.failed": failed,
  };
  const whole = {
    name: `batch ${job}`,
    kind: "internal",
    attributes: { ...attributes, ...ended },
    ...inTrace(trace),
    startedAt: generationBeganAt(record),
    endedAt,
  } as const;
  await tracer.past(whole, [{ name: `commit ${job}`, attributes, startedAt, endedAt }]);
  return reply;
}

/** A batch that was submitted without traces has none to go on in. */
function inTrace(trace: string | undefined): Pick<SpanOf, "parent" | "own"> {
  return trace === undefined ? { own: { link: undefined } } : { parent: trace };
}

/** The conventions of OpenTelemetry for spans of messages. */
function messaging(queue: QueueName): SpanAttributes {
  return {
    "messaging.system": "fanjoin",
    "messaging.operation.type": "process",
    "messaging.destination.name": queue,
  };
}

interface Origin {
  readonly job: string;
  readonly trace: string | undefined;
  readonly attributes: SpanAttributes;
}

async function origin({ ledger }: Ports, batch: string): Promise<Origin> {
  return originIn(batch, (await readBatch(ledger, batch)) ?? {});
}

/** The batch may have been removed meanwhile. */
function originIn(batch: string, record: Fields): Origin {
  const { job: name, trace } = record;
  const job = typeof name === "string" ? name : "";
  return {
    job,
    trace: typeof trace === "string" ? trace : undefined,
    attributes: {
      "fanjoin.batch.id": batch,
      "fanjoin.job": job,
      "fanjoin.generation": generationOf(record),
    },
  };
}
