/**
 * Published prices of us-east-1 in dollars, as of November 2026, without free tiers and without volume
 * discounts. What a batch costs is said by them, whatever the region.
 */
export const PRICES_DATE = "2026-11-21";

/** Prices per request, unit or gigabyte-second. */
export const AWS_PRICES = {
  /** Write request unit, on demand: https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  dynamoWrite: 0.625e-6,
  /** Read request unit, on demand: the same page. */
  dynamoRead: 0.125e-6,
  /** Request to a standard queue, up to 64 KB: https://aws.amazon.com/sqs/pricing/ */
  sqsRequest: 0.4e-6,
  /** https://aws.amazon.com/lambda/pricing/ */
  lambdaRequest: 0.2e-6,
  /** Gigabyte-second on arm64: the same page. */
  lambdaGbSecond: 0.0000133334,
  /** PUT, COPY, POST, LIST: https://aws.amazon.com/s3/pricing/ */
  s3Put: 5e-6,
  /** GET and all others: the same page. */
  s3Get: 0.4e-6,
} as const;

/**
 * What a chunk needs besides its own time, as `npm run bench -- requests` counts it for 10,000 chunks: a join
 * with small partials, chunks that end in another order, lines of an object. Fewer chunks need less each.
 */
export const PER_CHUNK = {
  writeUnits: 1.08,
  readUnits: 1.23,
  sqsRequests: 0.33,
  invocations: 0.11,
  s3Gets: 0.11,
} as const;
