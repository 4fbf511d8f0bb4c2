/** What has to happen in some of the simulated batches. If it never does, the simulation has gone blind. */
import { closedGenerations } from "../../src/core/records/batch/batch.ts";
import type { Contributions } from "../../src/core/records/contribution.ts";
import { partsOfPlace } from "../../src/core/records/source-run.ts";
import { SplitView } from "../../src/core/records/split.ts";
import { FAN_IN, LEFT_OUT_TAG, NodeView, nodeKey } from "../../src/core/records/tree.ts";
import { BATCH } from "../steps/stage-spec.ts";
import type { Stage } from "../steps/stage.ts";
import { planOf, splitUnder } from "./pieces.ts";

export const SOMETIMES = [
  "a chunk was settled by its split",
  "a chunk that was cut was settled as a whole",
  "an incomplete split was settled",
  "a part was cut again",
  "a redrive did only parts of a chunk again",
  "a redrive was cut",
  "failed items that were done again were cut",
  "an unfinished redo left the value before",
  "a run of several sources was settled",
  "a run was cut within a source",
  "a redrive did only parts of a run again",
  "a hedge won",
  "a hedge lost",
  "the values of parts were passed on as they were",
] as const;

export type Sometimes = (typeof SOMETIMES)[number];

/** What of it happened in an ended batch. */
export function whatHappened(one: Stage): ReadonlySet<Sometimes> {
  const seen = new Set<Sometimes>(whatBatchDid(one));
  for (const generation of closedGenerations(one.batch())) {
    for (const [chunk, { run }] of planOf(one).entries()) {
      const fields =
        one.ledger.records.get(nodeKey({ batch: BATCH, generation, level: -1, index: chunk })) ?? null;
      const leaf = { batch: BATCH, generation, level: 0, index: Math.floor(chunk / FAN_IN) };
      const tag = new NodeView(one.ledger.records.get(nodeKey(leaf)) ?? null, FAN_IN).tag(chunk % FAN_IN);
      const split = fields && new SplitView(fields);
      if (run !== undefined && run.sources > 1) for (const what of whatRunsDid(tag, split)) seen.add(what);
      if (split === null) continue;
      const isBySplit = splitUnder(one, tag, chunk) !== null;
      if (isBySplit)
        seen.add(split.full ? "a chunk was settled by its split" : "an incomplete split was settled");
      else if (tag !== null) seen.add("a chunk that was cut was settled as a whole");
      else if (split.redone !== null && split.sealed) seen.add("an unfinished redo left the value before");
      for (const what of whatPartsDid(split, generation)) seen.add(what);
    }
  }
  return seen;
}

function whatPartsDid(split: SplitView, generation: number): Sometimes[] {
  const seen: Sometimes[] = [];
  const numbers = split.parts();
  if (numbers.some((part, place) => part !== place)) seen.push("a part was cut again");
  const isRedone = numbers.some((part) => split.formerOf(part) !== null);
  if (split.kept === null) {
    if (generation > 0) seen.push("a redrive was cut");
    if (isRedone) seen.push("failed items that were done again were cut");
  } else if (isRedone) seen.push("a redrive did only parts of a chunk again");
  return seen;
}

/** Of a chunk that is a run of several sources. */
function whatRunsDid(tag: string | null, split: SplitView | null): Sometimes[] {
  const seen: Sometimes[] = [];
  if (tag !== null && tag !== LEFT_OUT_TAG) seen.push("a run of several sources was settled");
  const parts = split?.parts() ?? [];
  if (parts.some((part) => partsOfPlace(split?.startOf(part) ?? 0).offset > 0))
    seen.push("a run was cut within a source");
  if (parts.some((part) => split?.formerOf(part) !== null))
    seen.push("a redrive did only parts of a run again");
  return seen;
}

function whatBatchDid(one: Stage): Sometimes[] {
  const seen: Sometimes[] = [];
  if (one.hedges.won > 0) seen.push("a hedge won");
  if (one.hedges.lost > 0) seen.push("a hedge lost");
  if (isPassedOn(one)) seen.push("the values of parts were passed on as they were");
  return seen;
}

/** What an attempt writes is one piece, and so is what a merge writes. */
function isPassedOn(one: Stage): boolean {
  for (const [key, { text }] of one.ledger.records) {
    if (!key.startsWith("partial/") || typeof text !== "string") continue;
    const contributions = Object.values(JSON.parse(text) as Contributions);
    if (contributions.some(({ blocks = [] }) => blocks.length > 1)) return true;
  }
  return false;
}
