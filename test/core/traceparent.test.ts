import { expect, test } from "vitest";
import { formatTraceparent, parseTraceparent } from "../../src/core/traceparent.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test.each(["00", "01", "ff"])("a traceparent with the flags %s is read, and written as it was", (flags) => {
  const text = `00-${TRACE}-${SPAN}-${flags}`;
  const parsed = parseTraceparent(text);
  expect(parsed).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: parseInt(flags, 16) });
  expect(parsed && formatTraceparent(parsed)).toBe(text);
});

test.each([
  undefined,
  "",
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${TRACE}-${SPAN}`,
])("%s is no traceparent", (text) => {
  expect(parseTraceparent(text)).toBeNull();
});
