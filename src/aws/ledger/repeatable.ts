/** Which updates may be repeated. The SDK repeats every unanswered request unless it is told not to. */
import type { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Condition, Fields, Update } from "../../core/records/record.ts";

/**
 * Whether an update may be sent again although it may have been applied already. Either it adds nothing, or
 * the repetition is refused because of what the first one set or removed; the caller then finds its own tag
 * in the refusal. Any other update would add twice.
 */
export function isRepeatable({ when, set, add, remove = [] }: Update): boolean {
  const adds = Object.values(add).some((amount) => amount !== 0);
  return !adds || when.some((condition) => holdsOnlyOnce(condition, set, remove));
}

/** Whether the update makes its own condition false. */
function holdsOnlyOnce(condition: Condition, set: Fields, remove: readonly string[]): boolean {
  switch (condition.is) {
    case "new":
      return true;
    case "absent":
      return condition.field in set;
    case "present":
    case "equal":
      return remove.includes(condition.field);
    case "existing":
    case "absent-or-above":
    case "at-most":
      return false;
  }
}

/**
 * The answer was lost: the update may have been applied or not. The SDK does not retry errors of this class.
 */
class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
}

/**
 * Keeps the SDK from repeating `command` after a failure that may have come after the effect. A throttled
 * request has had no effect, and is still retried.
 */
export function withoutRepeat(command: UpdateItemCommand): UpdateItemCommand {
  command.middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        if (isRefusal(error)) throw error;
        throw new OutcomeUnknown(
          `the update of ${command.input.Key?.["pk"]?.S} may or may not have been applied: ${String(error)}`,
        );
      }
    },
    // Inside the SDK's own retries, which have priority `high`.
    { name: "withoutRepeat", step: "finalizeRequest", priority: "low" },
  );
  return command;
}

/** Whether the service refused the request. */
function isRefusal(error: unknown): boolean {
  const { $fault } = error as { readonly $fault?: unknown };
  return $fault === "client";
}
