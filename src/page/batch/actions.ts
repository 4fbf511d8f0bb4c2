/** What can be done to a batch, and what is under way. */
import type { Json } from "../../core/json/json.ts";
import { address, asRefusal, post } from "../live/api.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { PlaceView } from "../place-view.ts";
import type { RedriveForecast } from "../../batch/steering/redrive-forecast.ts";
import type { LiveGroup } from "../../core/failures/failure-summary.ts";
import { hasEnded } from "../words/states.ts";
import { shortId } from "./strip-words.ts";

export type Verb = "pause" | "resume" | "cancel" | "redrive";

export const UNDER_WAY: { readonly [V in Verb]: string } = {
  pause: "Pausing…",
  resume: "Resuming…",
  cancel: "Cancelling…",
  redrive: "Redriving…",
};

/** Verbs that the state allows, in the order of their buttons. */
export function verbsOf({ state, items, chunks, incomplete }: BatchSummary): readonly Verb[] {
  if (state === "planning" || state === "running") return ["pause", "cancel"];
  if (state === "paused") return ["resume", "cancel"];
  if (state === "interrupted") return ["resume"];
  const rest = (items.skipped ?? 0) > 0 || chunks.skipped > 0 || incomplete === true;
  return hasEnded(state) && (items.failed > 0 || rest) ? ["redrive"] : [];
}

/** The command that does the same. */
export function commandOf(verb: Verb, batch: string, place: PlaceView | null): string {
  return `fanjoin ${verb} ${shortId(batch)}${place?.options ?? ""}`;
}

/** Throws a `Refusal`. */
export async function act(verb: Verb, batch: string, body?: Json): Promise<void> {
  try {
    await post(address("batches", batch, verb), body);
  } catch (error) {
    throw asRefusal(error);
  }
}

export interface RedriveChoice {
  readonly name: string;
  readonly about: string;
  readonly body: { readonly codes?: readonly string[]; readonly groups?: readonly string[] };
}

export async function dryRedrive(batch: string, body: RedriveChoice["body"]): Promise<RedriveForecast> {
  return post(address("batches", batch, "redrive"), { ...body, dry: true });
}

/** Codes of items that another try may help: a transient fault, or one that a change of the job mends. */
export function codesThatMayPass(groups: readonly LiveGroup[]): readonly string[] {
  const codes = groups.filter(({ advice }) => MAY_PASS.has(advice)).map(({ code }) => code);
  return [...new Set(codes)].toSorted();
}

const MAY_PASS: ReadonlySet<string> = new Set(["trying again may help", "the job does not retry this"]);
