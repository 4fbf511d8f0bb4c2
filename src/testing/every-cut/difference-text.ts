/** Says in words how two answers differ, and why that usually happens. */
import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../core/json/json.ts";
import { FAN_IN } from "../../core/records/tree.ts";
import { comparable } from "../answer.ts";
import type { BatchAnswer } from "../answer.ts";
import type { CheckedInput } from "../test-input.ts";
import { usualCause } from "./usual-cause.ts";
import type { SmallestDifference } from "./shrink.ts";

/** More items, and longer ones, are not shown. */
const MAX_ITEMS = 12;
const MAX_ITEM_CHARS = 80;
const MAX_ANSWER_CHARS = 400;
const MAX_CHUNKS = 40;

export function differenceText(
  job: { readonly name: string },
  difference: SmallestDifference,
  seed: number,
): string {
  const { expected, found } = difference;
  const aspect = differentAspect(expected, found);
  return [
    `everyCut: the job ${job.name} gives two answers to one input.`,
    "",
    ...inputLines(difference),
    ...variantLines(difference),
    "",
    `uncut    ${aspect.name} ${aspect.of(expected)}`,
    `cut so   ${aspect.name} ${aspect.of(found)}`,
    "",
    `Usual cause: ${usualCause(difference)}`,
    "",
    `The seed is ${seed}: { everyCut: true, seed: ${seed} } runs the same cuts again.`,
  ].join("\n");
}

function inputLines({ parts, variant }: SmallestDifference): string[] {
  if (parts === null) {
    const items = variant.sizes.reduce((sum, size) => sum + size, 0);
    return [`input    the whole input, ${itemsText(items)}`, `cut      ${sizesText(variant.sizes)}`];
  }
  if (parts.length > MAX_ITEMS) {
    return [`input    ${itemsText(parts.length)}`, `cut      ${sizesText(variant.sizes)}`];
  }
  let at = 0;
  const chunks = variant.sizes.map((size) => {
    const from = at;
    at += size;
    return `[${parts.slice(from, at).map(partText).join(", ")}]`;
  });
  return [
    `input    ${itemsText(parts.length)}: [${parts.map(partText).join(", ")}]`,
    `cut      ${chunks.join(" ")}`,
  ];
}

function itemsText(items: number): string {
  return items === 1 ? "1 item" : `${items} items`;
}

function sizesText(sizes: readonly number[]): string {
  const shown = sizes.slice(0, MAX_CHUNKS).join(" ");
  const more = sizes.length > MAX_CHUNKS ? ` … (${sizes.length} chunks)` : "";
  return `into chunks of ${shown}${more} items`;
}

function partText(part: CheckedInput): string {
  if ("sources" in part) return part.sources.map(({ label }) => label).join(", ");
  return "items" in part
    ? part.items.map((item) => shortened(JSON.stringify(item), MAX_ITEM_CHARS)).join(", ")
    : "";
}

function variantLines({ variant: { fanIn, order, twice, fresh } }: SmallestDifference): string[] {
  const lines = [
    ...(fanIn === FAN_IN ? [] : [`merged   ${fanIn} neighbours at a time, over several levels`]),
    ...(order === "input"
      ? []
      : [`order    ${order === "reversed" ? "the last chunk first" : "chunks in another order"}`]),
    ...(twice ? ["attempts each made twice before it counts, and delivered twice"] : []),
    ...(fresh ? ["module   evaluated anew, in a thread of its own"] : []),
  ];
  return lines;
}

interface Aspect {
  readonly name: string;
  of(answer: BatchAnswer): string;
}

/** What differs first, in the order in which people look at an answer. */
function differentAspect(expected: BatchAnswer, found: BatchAnswer): Aspect {
  if (!isDeepStrictEqual(expected.error, found.error)) {
    return { name: "ends with", of: ({ error }) => (error ? `${error.code}: ${error.message}` : "a result") };
  }
  if (!isDeepStrictEqual(expected.result, found.result)) {
    return { name: "result", of: ({ result }) => shortened(JSON.stringify(result), MAX_ANSWER_CHARS) };
  }
  if (!isDeepStrictEqual(expected.outputs, found.outputs))
    return listAspect("output", expected.outputs, found.outputs, ({ outputs }) => outputs);
  if (!isDeepStrictEqual(expected.items, found.items)) {
    return { name: "counts", of: ({ items }) => `${items.succeeded} succeeded, ${items.failed} failed` };
  }
  const lines = failedLines;
  return listAspect("failed", lines(expected), lines(found), lines);
}

function failedLines(answer: BatchAnswer): readonly Json[] {
  return (comparable(answer) as { readonly failed: readonly Json[] }).failed;
}

/** The first element that differs. */
function listAspect(
  name: string,
  expected: readonly Json[],
  found: readonly Json[],
  of: (answer: BatchAnswer) => readonly Json[],
): Aspect {
  const longer = Array.from({ length: Math.max(expected.length, found.length) }, (_, place) => place);
  const at = longer.find((place) => !isDeepStrictEqual(expected[place], found[place])) ?? 0;
  return {
    name: `${name} ${at}`,
    of(answer) {
      const element = of(answer)[at];
      return element === undefined
        ? `is missing (there are ${of(answer).length})`
        : shortened(JSON.stringify(element), MAX_ANSWER_CHARS);
    },
  };
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
