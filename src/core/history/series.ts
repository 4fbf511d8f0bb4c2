/**
 * How many items were done, failed and were in flight, by intervals: the longer the batch, the wider they
 * are.
 */
import { MAX_POINTS } from "./history.ts";
import type { HistoryPoints } from "./history.ts";

export const FIRST_INTERVAL_MS = 250;

interface Point {
  done: number;
  failed: number;
  units: number;
  /** Items in flight, summed over the observations. */
  flying: number;
  observations: number;
}

const NOTHING: Readonly<Point> = { done: 0, failed: 0, units: 0, flying: 0, observations: 0 };

export class Series {
  interval = FIRST_INTERVAL_MS;
  readonly #points: Point[] = [];

  /** `at`: milliseconds after the start. */
  settle(at: number, { done, failed, units }: Pick<Point, "done" | "failed" | "units">): void {
    const point = this.#at(at);
    point.done += done;
    point.failed += failed;
    point.units += units;
  }

  observe(at: number, inFlight: number): void {
    const point = this.#at(at);
    point.flying += inFlight;
    point.observations++;
  }

  #at(at: number): Point {
    let index = Math.max(0, Math.floor(at / this.interval));
    while (index >= MAX_POINTS) {
      this.#coarsen();
      index = Math.floor(at / this.interval);
    }
    while (this.#points.length <= index) this.#points.push({ ...NOTHING });
    return this.#points[index] ?? { ...NOTHING };
  }

  /** Adds neighbours up in pairs. */
  #coarsen(): void {
    const finer = this.#points.splice(0);
    for (let index = 0; index < finer.length; index += 2) {
      const { done, failed, units, flying, observations } = finer[index + 1] ?? NOTHING;
      const first = finer[index] ?? NOTHING;
      this.#points.push({
        done: first.done + done,
        failed: first.failed + failed,
        units: first.units + units,
        flying: first.flying + flying,
        observations: first.observations + observations,
      });
    }
    this.interval *= 2;
  }

  /** Units in a second over about the last `ms`. `null`: nothing is known of them. */
  unitsPerSecond(now: number, ms: number): number | null {
    const last = Math.floor(now / this.interval);
    const first = Math.max(0, Math.floor((now - ms) / this.interval));
    const units = this.#points.slice(first, last + 1).reduce((sum, point) => sum + point.units, 0);
    const seconds = (now - first * this.interval) / 1000;
    return units > 0 && seconds > 0 ? units / seconds : null;
  }

  points(): HistoryPoints {
    return {
      done: this.#points.map(({ done }) => done),
      failed: this.#points.map(({ failed }) => failed),
      inFlight: this.#points.map(({ flying, observations }) =>
        observations === 0 ? null : Math.round((flying / observations) * 10) / 10,
      ),
    };
  }

  /** Goes on with the points of an earlier process. */
  restore(interval: number, { done, failed, inFlight }: HistoryPoints): void {
    this.interval = interval;
    this.#points.splice(0);
    for (const [index, items] of done.slice(0, MAX_POINTS).entries()) {
      const flying = inFlight[index] ?? null;
      const observed = flying === null ? { flying: 0, observations: 0 } : { flying, observations: 1 };
      this.#points.push({ done: items, failed: failed[index] ?? 0, units: 0, ...observed });
    }
  }
}
