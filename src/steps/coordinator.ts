/** The coordinator: cuts the input of a batch into chunks, writes the plan, sends the chunks, and closes the tree's edge. */
import type { Failure } from "../core/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import type { PlanMessage } from "../core/message.ts";
import type { Cut, PlanEntry } from "../core/plan.ts";
import { begin } from "../core/protocol.ts";
import { nextChunks } from "../core/sizing.ts";
import type { Pace } from "../core/sizing.ts";
import { FAN_IN, leafOf, nodeKey, NodeView } from "../core/tree.ts";
import { cutEntries } from "../input/entries.ts";
import type { EntryCutter } from "../input/entries.ts";
import { readerKinds } from "../input/kinds.ts";
import { readSpec, unitsAfter } from "./batch.ts";
import type { BatchSpec } from "./batch.ts";
import { perform } from "./perform.ts";
import type { Ports } from "./perform.ts";
import type { PlanRequest, Runner } from "./runner.ts";
import { Surveyor } from "./survey.ts";

/** `runner`: plans what a function of the job makes. */
export async function coordinator(
  ports: Ports,
  runner: Pick<Runner, "plan">,
  message: PlanMessage,
): Promise<void> {
  await using planner = new Planner(ports, runner, message.batch);
  const surveyor = new Surveyor(ports, message.batch);
  await perform(ports, begin(message), {
    cut: ({ last }) => planner.cut(last),
    survey: ({ generation, page }) => surveyor.page(generation, page),
  });
}

/** One invocation's way through the input: the reader stays open from entry to entry. */
class Planner implements AsyncDisposable {
  readonly #ports: Ports;
  readonly #runner: Pick<Runner, "plan">;
  readonly #batch: string;
  #spec: BatchSpec | null = null;
  #cutter: EntryCutter | null = null;
  /** What was cut last. */
  #last: Cut | null = null;

  constructor(ports: Ports, runner: Pick<Runner, "plan">, batch: string) {
    this.#ports = ports;
    this.#runner = runner;
    this.#batch = batch;
  }

  /** The ranges of the entry after `last`; none at the end of the input; an input that cannot be read is a failure, not a throw. */
  async cut(last: PlanEntry | null): Promise<Cut | Failure> {
    try {
      return await this.#cut(last);
    } catch (thrown) {
      if (!(thrown instanceof FanjoinError) || thrown.retryable) throw thrown;
      return { code: thrown.code, message: thrown.message };
    }
  }

  async #cut(last: PlanEntry | null): Promise<Cut> {
    const spec = await this.#load();
    const { unit } = readerKinds[spec.input.reader];
    const pace = await this.#pace(last);
    const { chunk, concurrency = 1 } = spec;
    const left = unitsAfter(spec.input, last?.ranges.at(-1) ?? null);
    const next = nextChunks(last ? last.entry + 1 : 0, { unit, ...chunk, concurrency, left }, pace);
    if (spec.input.reader === "from") return this.#plan({ spec, last, next });
    const cutter = await this.#at(spec, last);
    return (this.#last = await cutter.next(next));
  }

  async #plan(request: PlanRequest): Promise<Cut> {
    const cut = await this.#runner.plan(request);
    if (cut === null) throw new Error("planning was interrupted");
    return cut;
  }

  async #load(): Promise<BatchSpec> {
    return (this.#spec ??= await readSpec(this.#ports.ledger, this.#batch));
  }

  /** The reader, positioned after `last`. It is there already, unless another planner's entry was adopted. */
  async #at(spec: BatchSpec, last: PlanEntry | null): Promise<EntryCutter> {
    if (this.#cutter && endsLike(last, this.#last)) return this.#cutter;
    await this.#cutter?.close();
    const { sources, options, reader } = spec.input;
    const kind = readerKinds[reader];
    this.#cutter = cutEntries({ kind, sources, options, store: this.#ports.store, last });
    this.#last = last;
    return this.#cutter;
  }

  /** What the newest settled chunks took. Progress may be read stale. */
  async #pace(last: PlanEntry | null): Promise<Pace | null> {
    if (!last) return null;
    const newest = leafOf(last.first, FAN_IN);
    const leaves = [newest, Math.max(0, newest - 1), 0].map((index) =>
      nodeKey({ batch: this.#batch, generation: 0, level: 0, index }),
    );
    const records = await this.#ports.ledger.read(leaves, { stale: true });
    for (const record of records) {
      const { units, ms, succeeded, failed } = new NodeView(record, FAN_IN).totals();
      if (units > 0) return { units, ms, items: succeeded + failed };
    }
    return null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cutter?.close();
  }
}

/** Whether the same comes after both. */
function endsLike(one: Cut | null, other: Cut | null): boolean {
  const [a, b] = [one?.ranges.at(-1), other?.ranges.at(-1)];
  const damaged = one?.spool?.damage !== undefined;
  return a?.source === b?.source && a?.end === b?.end && damaged === (other?.spool?.damage !== undefined);
}
