/** Validates an item against the job's schema, before `process` gets it. */
import type { ErrorCode } from "../../core/errors/errors.ts";
import type { Job } from "../../job/job.ts";
import { issuesText } from "../../job/params.ts";
import type { SchemaIssue } from "../../job/params.ts";
import { describeError } from "../describe-error.ts";
import type { DescribedError } from "../describe-error.ts";
import { missingKeysText } from "./missing-keys.ts";
import { isItemTimeout, isThenable, itemTimeout } from "./item-outcome.ts";
import type { FailedOutcome } from "./item-outcome.ts";
import { withinTime } from "./within-time.ts";

/** The item as the schema made it. This is the schema's own object, so that no item costs one more. */
export interface ValidItem {
  readonly value: unknown;
}

/** The schema refused the item, threw, or took too long. */
export class InvalidItem implements FailedOutcome {
  readonly ok = false;
  readonly code: ErrorCode;
  readonly error: DescribedError;
  readonly attempts = 1;

  constructor(error: DescribedError, code: ErrorCode = "ITEM_INVALID") {
    this.error = error;
    this.code = code;
  }
}

/** What a Standard Schema answers. */
type SchemaAnswer =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** Never throws and never rejects. A promise only where the schema is asynchronous. */
export function validateItem(
  schema: NonNullable<Job["item"]>,
  raw: unknown,
  timeoutMs: number,
): ValidItem | InvalidItem | Promise<ValidItem | InvalidItem> {
  try {
    const answer = schema["~standard"].validate(raw);
    return isThenable(answer) ? awaitAnswer(answer, raw, timeoutMs) : validated(answer, raw);
  } catch (thrown) {
    return new InvalidItem(describeError(thrown));
  }
}

async function awaitAnswer(
  answer: PromiseLike<SchemaAnswer>,
  raw: unknown,
  timeoutMs: number,
): Promise<ValidItem | InvalidItem> {
  try {
    const late = (): Error => itemTimeout("the check of the item", timeoutMs);
    return validated(await withinTime(answer, timeoutMs, late), raw);
  } catch (thrown) {
    return new InvalidItem(describeError(thrown), isItemTimeout(thrown) ? "ITEM_TIMEOUT" : "ITEM_INVALID");
  }
}

function validated(answer: SchemaAnswer, raw: unknown): ValidItem | InvalidItem {
  if (!answer.issues) return answer;
  const message = `${missingKeysText(answer.issues, raw)}${issuesText(answer.issues)}`;
  return new InvalidItem({ name: "ValidationError", message });
}
