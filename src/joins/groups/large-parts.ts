/** An object of joins, some of which may have many groups. Each of them has blocks of its own. */
import { isObject } from "../../core/json/json.ts";
import type { Json } from "../../core/json/json.ts";
import { stepText } from "../../core/json/strict-json.ts";
import { textOf } from "./result-text.ts";
import type { Join, LargeJoin } from "../join.ts";

type Parts = readonly Join<never, unknown>[];

/** A block of one part. An accumulator that was read from it lacks the others: they are `undefined`. */
interface PartBlock {
  readonly part: number;
  readonly block: Json;
}

/** `encode` writes an array. */
export function isPartBlock(json: Json): json is Json & PartBlock {
  return isObject(json);
}

/** Only `encode` and `blocks` write it, so its shape is not checked. */
export function decodeParts(joins: Parts, json: Json): unknown[] {
  if (isPartBlock(json))
    return joins.map((join, i) => (i === json.part ? join.decode(json.block) : undefined));
  return joins.map((join, i) => join.decode((json as readonly Json[])[i] ?? null));
}

export function mergedPart(join: Join<never, unknown> | undefined, left: unknown, right: unknown): unknown {
  if (left === undefined) return right;
  return right === undefined ? left : join?.merge(left, right);
}

export function largeParts(names: readonly string[], joins: Parts): LargeJoin<unknown[]> {
  return {
    groups: (acc) => joins.reduce((sum, { large }, i) => sum + (large?.groups(acc[i]) ?? 0), 0),
    resultGroups: (acc) => joins.reduce((sum, { large }, i) => sum + (large?.resultGroups(acc[i]) ?? 0), 0),
    mergeEncoded(acc, json) {
      const mergePart = (i: number, encoded: Json): void => {
        const join = joins[i];
        if (join === undefined) return;
        if (acc[i] === undefined) acc[i] = join.decode(encoded);
        else if (join.large) acc[i] = join.large.mergeEncoded(acc[i], encoded);
        else acc[i] = join.merge(acc[i], join.decode(encoded));
      };
      if (isPartBlock(json)) mergePart(json.part, json.block);
      else (json as readonly Json[]).forEach((encoded, i) => mergePart(i, encoded));
      return acc;
    },
    *blocks(acc, chars) {
      for (const [part, join] of joins.entries()) {
        for (const block of textsOf(join, acc[part], chars)) yield `{"part":${part},"block":${block}}`;
      }
    },
    *resultText(acc, path) {
      let before = "{";
      for (const [i, join] of joins.entries()) {
        const name = names[i] ?? "";
        const text = join.large
          ? join.large.resultText(acc[i], `${path}${stepText(name)}`)
          : textOf(join.finish(acc[i]), () => `${path}${stepText(name)}`);
        if (text === undefined) continue;
        yield `${before}${JSON.stringify(name)}:`;
        if (typeof text === "string") yield text;
        else yield* text;
        before = ",";
      }
      yield before === "{" ? "{}" : "}";
    },
  };
}

/** The blocks of an accumulator, or all of it as one. */
export function textsOf(join: Join<never, unknown>, acc: unknown, chars: number): Iterable<string> {
  return join.large?.blocks(acc, chars) ?? [JSON.stringify(join.encode(acc))];
}
