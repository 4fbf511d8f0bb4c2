/** Published prices: those of `src/core/stack/prices.ts`, and those of the contestants. */
import { AWS_PRICES } from "../src/core/stack/prices.ts";

export { PRICES_DATE } from "../src/core/stack/prices.ts";

/** Prices per request, unit or transition. */
export const PRICES = {
  ...AWS_PRICES,
  /** State transition of a Standard workflow: https://aws.amazon.com/step-functions/pricing/ */
  stepTransition: 25e-6,
  /** Start of an Express workflow: the same page. */
  expressRequest: 1e-6,
  /** Gigabyte-second of an Express workflow, in steps of 64 MB and 100 ms: the same page. */
  expressGbSecond: 0.00001667,
} as const;

/** The smallest memory that an Express workflow is billed for, in gigabytes. */
export const EXPRESS_GB = 64 / 1024;
