/**
 * Published prices of us-east-1 in dollars, as of November 2026, without free tiers and without volume
 * discounts.
 */
export const PRICES_DATE = "2026-11-21";

/** Prices per request, unit or transition. */
export const PRICES = {
  /** Write request unit, on demand: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  dynamoWrite: 0.625e-6,
  /** Read request unit, on demand: the same page. */
  dynamoRead: 0.125e-6,
  /** Request to a standard queue, up to 64 KB: https://aws.amazon.com/sqs/pricing/ */
  sqsRequest: 0.4e-6,
  /** https://aws.amazon.com/lambda/pricing/ */
  lambdaRequest: 0.2e-6,
  /** PUT, COPY, POST, LIST: https://aws.amazon.com/s3/pricing/ */
  s3Put: 5e-6,
  /** GET and all others: the same page. */
  s3Get: 0.4e-6,
  /** State transition of a Standard workflow: https://aws.amazon.com/step-functions/pricing/ */
  stepTransition: 25e-6,
  /** Start of an Express workflow: the same page. */
  expressRequest: 1e-6,
  /** Gigabyte-second of an Express workflow, in steps of 64 MB and 100 ms: the same page. */
  expressGbSecond: 0.00001667,
} as const;

/** The smallest memory that an Express workflow is billed for, in gigabytes. */
export const EXPRESS_GB = 64 / 1024;
