/**
 * What was the longest time without an earthquake of magnitude 4 or more? The order of the events matters,
 * yet they are read in parallel: a fold of your own merges two neighbouring stretches into one.
 *
 *     fanjoin run examples/earthquakes.ts events/inputs/earthquakes.jsonl
 */
import { defineJob, fold, jsonl } from "fanjoin";
import * as z from "zod";

const Feature = z.object({ properties: z.object({ mag: z.number(), time: z.number(), place: z.string() }) });

/** `until` is the place of the earthquake that ended the gap. */
type Gap = { ms: number; until: string };
type Quake = z.output<typeof Feature>["properties"];
/** A stretch of the feed: its first and last strong quake, and the longest gap between two strong quakes. */
type Stretch = { newest: Quake; oldest: Quake; longest: Gap } | null;

/** Merges two neighbouring stretches. The feed is sorted, newest first. */
function join(left: Stretch, right: Stretch): Stretch {
  if (!left || !right) return left ?? right;
  const between = { ms: left.oldest.time - right.newest.time, until: left.oldest.place };
  const longest = [left.longest, right.longest, between].reduce((a, b) => (b.ms > a.ms ? b : a));
  return { newest: left.newest, oldest: right.oldest, longest };
}

export default defineJob({
  name: "earthquakes",
  input: jsonl(),
  item: Feature.transform((feature) => feature.properties),
  process: (quake): Stretch =>
    quake.mag < 4 ? null : { newest: quake, oldest: quake, longest: { ms: 0, until: "" } },
  join: fold({
    init: (): Stretch => null,
    add: join,
    merge: join,
    finish: (week) => week && { hours: week.longest.ms / 3_600_000, until: week.longest.until },
  }),
});
