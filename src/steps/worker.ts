/**
 * The worker: runs chunks and settles them.
 *
 * In this order, always: outputs and partials are written under the attempt's tag, then the chunks are
 * settled, then their messages are acknowledged (by the caller, for every delivery that is not returned). A
 * crash anywhere in between is a redelivery, and a redelivery changes nothing that was settled.
 */
import type { Totals } from "../core/records/totals.ts";
import type { Ports } from "../ports.ts";
import type { Runner } from "../runner/runner.ts";
import { BundleRun } from "./bundle/bundle-run.ts";
import type { WorkerEvents } from "./bundle/bundle-run.ts";
import { byBatch, isToRun } from "./bundle/delivery.ts";
import type { ChunkDelivery } from "./bundle/delivery.ts";
import { withChunkSpans } from "./tracing/chunk-spans.ts";
import { timedRunner } from "./leaf-history.ts";
import { bundleSpan } from "./tracing/step-spans.ts";

/** The deliveries that were interrupted, and the totals that were settled, by batch. */
export interface WorkerReport<D> {
  /** They have to come again, but for hedges: `comesAgain`. */
  readonly unfinished: readonly D[];
  /**
   * How many chunks or parts were cut. Then those that are unfinished were not begun, or have nothing done.
   */
  readonly cut: number;
  readonly settled: ReadonlyMap<string, Totals>;
  /** Hedges that settled their chunk, and those that came too late. */
  readonly hedges: { readonly won: number; readonly lost: number };
  /** By batch: when the unfinished chunks should come again, where a limit gave them back. */
  readonly laterAt: ReadonlyMap<string, number>;
}

/** Runs the chunks of `deliveries`. Throws what a port throws: all of them are then delivered again. */
export async function worker<D extends ChunkDelivery>(
  ports: Ports,
  runner: Runner,
  deliveries: readonly D[],
  { onDraining, onSettled, looksLater = false }: WorkerEvents<D> = {},
): Promise<WorkerReport<D>> {
  const { tracer, times } = ports;
  const timed = times ? timedRunner(runner, times) : runner;
  const bundles = byBatch(deliveries.filter(isToRun));
  const feeding = new Set(bundles.map(([batch]) => batch));
  const drains = (batch: string): void => {
    if (feeding.delete(batch) && feeding.size === 0) onDraining?.();
  };
  const runs = bundles.map(async ([batch, bundle]) => {
    const events = { onSettled, looksLater, onDraining: () => drains(batch) };
    const runWith = async (one: Runner): Promise<BundleRun<D>> => {
      const run = new BundleRun<D>({ ports, runner: one, batch, bundle }, events);
      await run.run();
      return run;
    };
    const running = tracer
      ? bundleSpan({ ports, tracer }, batch, bundle, (span) =>
          runWith(withChunkSpans(timed, span, ports.clock)),
        )
      : runWith(timed);
    return running.finally(() => drains(batch));
  });
  // None may still run when its deliveries come again.
  await Promise.allSettled(runs);
  const ended = await Promise.all(runs);
  return {
    unfinished: ended.flatMap(({ unfinished }) => unfinished),
    cut: ended.reduce((sum, { cut }) => sum + cut, 0),
    hedges: {
      won: ended.reduce((sum, { hedgesWon }) => sum + hedgesWon, 0),
      lost: ended.reduce((sum, { hedgesLost }) => sum + hedgesLost, 0),
    },
    settled: new Map(ended.map(({ batch, settled }) => [batch, settled])),
    laterAt: new Map(ended.flatMap(({ batch, laterAt }) => (laterAt === null ? [] : [[batch, laterAt]]))),
  };
}
