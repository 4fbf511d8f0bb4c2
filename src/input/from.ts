/** Items that a function of the job makes. */
import { invalid, show } from "../option-check.ts";
import { elementKind } from "./json/elements.ts";
import type { GenerateContext, Reader } from "./reader.ts";

/**
 * What a generator yields, in order: `from(async function* ({ params, signal }) { yield item; … })`. Items
 * travel as JSON. The generator has to yield the same again when it is run again: that is how a batch is
 * resumed that was killed while it was planned.
 */
export function from<Item, Params = unknown>(
  generate: (context: GenerateContext<Params>) => AsyncIterable<Item> | Iterable<Item>,
): Reader<Item> {
  if (typeof generate !== "function") {
    throw invalid(
      `from() takes a generator function, as in from(async function* () { yield 1; }); it was given ${show(generate)}.`,
    );
  }
  // The job's schema makes the parameters what its generator takes.
  const own = { generated: true } as const;
  return { kind: "from", options: {}, own, generate: generate as Reader["generate"] & typeof generate };
}

export const fromKind = elementKind("items", true);
