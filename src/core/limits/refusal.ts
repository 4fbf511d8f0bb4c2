/** Whether an error says that a service gets too many calls. */
import { askedWaitMs } from "./retry-after.ts";
import { property, safely } from "./unknown-error.ts";

/** Too Many Requests, and Service Unavailable. */
const STATUSES: readonly unknown[] = [429, 503];
/**
 * The names that AWS has for it:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const NAMES: readonly unknown[] = [
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
];

/** Never throws, whatever was thrown. */
export function isRefusal(thrown: unknown, now: number): boolean {
  if (askedWaitMs(thrown, now) !== null) return true;
  return (
    safely(() => {
      if (NAMES.includes(property(thrown, "name"))) return true;
      const answer = property(thrown, "response");
      const metadata = property(thrown, "$metadata");
      return [
        property(thrown, "status"),
        property(thrown, "statusCode"),
        property(answer, "status"),
        property(answer, "statusCode"),
        property(metadata, "httpStatusCode"),
      ].some((status) => STATUSES.includes(status));
    }) ?? false
  );
}
