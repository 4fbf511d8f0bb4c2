import * as fc from "fast-check";
import { expect, test } from "vitest";
import { addSpans, GAP, NO_SPAN } from "../../src/core/span.ts";
import type { Span } from "../../src/core/span.ts";

const count = fc.option(fc.nat(1_000));
const span: fc.Arbitrary<Span> = fc.record({ items: count, lines: count, anchored: fc.boolean() });

test("spans add up to the same in every grouping", () => {
  fc.assert(
    fc.property(span, span, span, (a, b, c) => {
      expect(addSpans(addSpans(a, b), c)).toEqual(addSpans(a, addSpans(b, c)));
    }),
  );
});

test("an empty span changes nothing", () => {
  fc.assert(
    fc.property(span, (some) => {
      expect(addSpans(NO_SPAN, some)).toEqual(some);
      expect(addSpans(some, NO_SPAN)).toEqual(some);
    }),
  );
});

test("after a gap positions are unknown, until a source begins", () => {
  const chunk = { items: 3, lines: 4, anchored: false };
  expect(addSpans(chunk, GAP)).toEqual(GAP);
  expect(addSpans(GAP, chunk)).toEqual(GAP);
  expect(addSpans(GAP, { ...chunk, anchored: true })).toEqual({ ...chunk, anchored: true });
});

test("a gap does not say where a source begins", () => {
  const chunk = { items: 3, lines: 4, anchored: false };
  expect(addSpans(chunk, GAP)).toEqual({ items: null, lines: null, anchored: false });
  expect(addSpans({ ...chunk, anchored: true }, GAP).anchored).toBe(true);
});
