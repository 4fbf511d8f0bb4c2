/** Reads the closed tree of an ended batch: which chunks have failed items, and what came before a chunk. */
import { closedGenerations } from "../../core/records/batch/batch.ts";
import type { Contribution } from "../../core/records/contribution.ts";
import type { Fields } from "../../core/records/record.ts";
import { addSpans, GAP, NO_SPAN } from "../../core/span.ts";
import type { Span } from "../../core/span.ts";
import {
  FAN_IN,
  LEFT_OUT_TAG,
  NodeView,
  namesNothing,
  nodeKey,
  previousTag,
  rightEdge,
} from "../../core/records/tree.ts";
import { NO_TOTALS, addTotals } from "../../core/records/totals.ts";
import { bodies } from "../redriving/survey-layers.ts";
import type { SurveyPorts } from "../redriving/survey-layers.ts";

/** Leaves in one read. */
const PAGE = 100;

/** A child of a node: it was left out, has nothing to merge, or has this contribution. */
type Child = Contribution | "left out" | "nothing";

export class ReadTree {
  readonly #ports: SurveyPorts;
  readonly #batch: string;
  /** Newest first. */
  readonly #generations: readonly number[];
  readonly #bodyOf: ReturnType<typeof bodies>;
  /** How many chunks the batch has. */
  readonly chunks: number;

  constructor(ports: SurveyPorts, batch: string, fields: Fields) {
    this.#ports = ports;
    this.#batch = batch;
    this.#generations = closedGenerations(fields);
    this.#bodyOf = bodies(ports, batch);
    this.chunks = Number(fields["chunks"] ?? 0);
  }

  /**
   * The chunks from number `from` on that have failed items or were given up. Ends after `leaves` leaves;
   * then `next` is the chunk to go on with, else `null`.
   */
  async failed(
    from: number,
    { chunks, leaves }: { readonly chunks: number; readonly leaves: number },
  ): Promise<{ readonly found: number[]; readonly next: number | null }> {
    const found: number[] = [];
    const first = Math.floor(from / FAN_IN);
    const end = Math.min(Math.ceil(this.chunks / FAN_IN), first + leaves);
    for (let leaf = first; leaf < end; leaf += PAGE) {
      const last = Math.min(end, leaf + PAGE);
      for (const [place, views] of (await this.#nodes(0, leaf, last)).entries()) {
        const { failed, broken } = views.map((view) => view.totals()).reduce(addTotals, NO_TOTALS);
        if (failed + broken === 0) continue;
        for (const chunk of await this.#failedIn(leaf + place, views)) {
          if (chunk < from) continue;
          if (found.length === chunks) return { found, next: chunk };
          found.push(chunk);
        }
      }
    }
    const next = end * FAN_IN;
    return { found, next: next < this.chunks ? next : null };
  }

  /**
   * The span of everything before a chunk. It is read from right to left, and no further than to the
   * beginning of the chunk's source.
   */
  async before(chunk: number): Promise<Span> {
    let span = NO_SPAN;
    let child = chunk;
    for (const level of rightEdge(this.chunks, FAN_IN).keys()) {
      const index = Math.floor(child / FAN_IN);
      const [views = []] = await this.#nodes(level, index, index + 1);
      for (let place = (child % FAN_IN) - 1; place >= 0; place--) {
        span = addSpans(spanOf(await this.#child(views, index, place)), span);
        if (span.anchored || span.items === null) return span;
      }
      child = index;
    }
    return span;
  }

  async #failedIn(leaf: number, views: readonly NodeView[]): Promise<number[]> {
    const found: number[] = [];
    for (let place = 0; place < (views[0]?.expects ?? 0); place++) {
      const child = await this.#child(views, leaf, place);
      if (typeof child !== "string" && (child.failed?.length ?? 0) > 0) found.push(leaf * FAN_IN + place);
    }
    return found;
  }

  /** The nodes `from` up to `to` (exclusive) of a level, each in its generations, newest first. */
  async #nodes(level: number, from: number, to: number): Promise<NodeView[][]> {
    const nodes: NodeView[][] = Array.from({ length: to - from }, () => []);
    for (const generation of this.#generations) {
      const keys = nodes.map((_, place) =>
        nodeKey({ batch: this.#batch, generation, level, index: from + place }),
      );
      for (const [place, fields] of (await this.#ports.ledger.read(keys)).entries())
        if (fields) nodes[place]?.push(new NodeView(fields, FAN_IN));
    }
    return nodes;
  }

  async #child(views: readonly NodeView[], index: number, place: number): Promise<Child> {
    const tag = previousTag(views, place);
    if (tag === null || tag === LEFT_OUT_TAG) return "left out";
    if (namesNothing(tag)) return "nothing";
    const contribution = (await this.#bodyOf(tag))[index * FAN_IN + place];
    if (contribution === undefined)
      throw new Error(`the partial ${tag} lacks the child that the ledger names`);
    return contribution;
  }
}

/** As the join counts it. */
function spanOf(child: Child): Span {
  if (child === "nothing") return NO_SPAN;
  return child === "left out" ? GAP : child.span;
}
