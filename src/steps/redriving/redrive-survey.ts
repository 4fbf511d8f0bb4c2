/**
 * The survey of a redrive: which nodes it lays over the closed tree, and which chunks it sends. It depends
 * only on closed records, which never change, so every survey finds the same.
 */
import type { PlanMessage, SurveyPlace } from "../../core/records/message.ts";
import type { Effect, Layer, Survey } from "../../core/protocol/task.ts";
import type { TimeBudget } from "../../runner/time-budget.ts";
import { FIRST_NODE, layersOf } from "./survey-layers.ts";
import type { SurveyPorts } from "./survey-layers.ts";

/** Layers in one page. */
const PAGE = 16;

/** The coordinator's time is up. Another one has to go on with the survey at `place`. */
export class SurveyOutOfTime extends Error {
  override readonly name = "SurveyOutOfTime";
  readonly place: SurveyPlace;

  constructor(place: SurveyPlace) {
    super(`the survey goes on at node ${place.index} of level ${place.level}`);
    this.place = place;
  }
}

type SurveyEffect = Extract<Effect, { kind: "survey" }>;

/**
 * One pass over the tree, page by page. Page 0 starts again, or at the place that the message names. With a
 * time budget it ends after the layer in which the time was up, but not before the first one.
 */
export class RedriveSurvey {
  readonly #ports: SurveyPorts;
  readonly #batch: string;
  readonly #timeBudget: Pick<TimeBudget, "isOver"> | undefined;
  /** Where the first page begins. */
  #from: SurveyPlace | null;
  #layers: AsyncGenerator<Layer> | null = null;
  /** Whether this coordinator has got any further. */
  #hasMoved = false;
  /** The node after the last layer. */
  #next = FIRST_NODE;

  constructor(
    ports: SurveyPorts,
    { batch, survey }: Pick<PlanMessage, "batch" | "survey">,
    timeBudget?: Pick<TimeBudget, "isOver">,
  ) {
    this.#ports = ports;
    this.#batch = batch;
    this.#from = survey ?? null;
    this.#timeBudget = timeBudget;
  }

  /** Throws `SurveyOutOfTime`, after all pages before were laid or sent. */
  async page({
    phase,
    generation,
    page,
  }: Pick<SurveyEffect, "phase" | "generation" | "page">): Promise<Survey> {
    if (page === 0) this.#begin(phase, generation);
    if (this.#isTimeUp()) throw new SurveyOutOfTime({ phase, generation, ...this.#next });
    const layers: Layer[] = [];
    while (layers.length < PAGE && !this.#isTimeUp()) {
      const next = await this.#layers?.next();
      if (!next || next.done) return { layers, more: false };
      const { level, index } = next.value.node;
      this.#next = { level, index: index + 1 };
      this.#hasMoved = true;
      layers.push(next.value);
    }
    return { layers, more: true };
  }

  /** A place of the other phase, or of an earlier redrive, says nothing. */
  #begin(phase: SurveyPlace["phase"], generation: number): void {
    const from = this.#from;
    this.#from = null;
    const fits = from?.phase === phase && from.generation === generation;
    this.#next = fits ? { level: from.level, index: from.index } : FIRST_NODE;
    this.#layers = layersOf(this.#ports, this.#batch, generation, this.#next);
  }

  #isTimeUp(): boolean {
    return this.#hasMoved && this.#timeBudget?.isOver() === true;
  }
}
