import { expect, test } from "vitest";
import { limitFields, limitsIn } from "../../../src/core/limits/limits.ts";
import { changeSettings } from "../../../src/core/records/batch/settings.ts";
import type { Settings } from "../../../src/core/records/batch/settings.ts";
import type { Fields } from "../../../src/core/records/record.ts";

const RATE = { perSecond: 50, burst: 5, key: "mail" };

/** A record after these settings were changed. */
function after(fields: Fields, settings: Settings): Fields {
  return { ...fields, ...changeSettings("01B", settings).set };
}

test("a batch has the limits that it was submitted with", () => {
  const limits = { rateLimit: RATE, inFlight: 3 };
  expect(limitsIn(limitFields(limits))).toEqual(limits);
  expect(limitsIn({})).toEqual({});
});

test("limits that are set while it runs come before those", () => {
  const fields = limitFields({ rateLimit: RATE, inFlight: 3 });
  expect(limitsIn(after(fields, { inFlight: 8 }))).toEqual({ rateLimit: RATE, inFlight: 8 });
  expect(limitsIn(after(fields, { perSecond: 200 }))).toEqual({
    rateLimit: { perSecond: 200, burst: 20, key: "mail" },
    inFlight: 3,
  });
  expect(limitsIn(after({}, { perSecond: 0.5, inFlight: 1 }))).toEqual({
    rateLimit: { perSecond: 0.5, burst: 1, key: null },
    inFlight: 1,
  });
});

test("a burst that the job names itself stays", () => {
  const fields = limitFields({ rateLimit: { ...RATE, burst: 40 } });
  expect(limitsIn(after(fields, { perSecond: 200 })).rateLimit).toEqual({
    perSecond: 200,
    burst: 40,
    key: "mail",
  });
});
