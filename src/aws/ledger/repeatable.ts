/** Requests that may not be made twice, though the SDK repeats whatever was not answered. */
import type { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Condition, Fields, Update } from "../../core/records/record.ts";

/**
 * Whether an update may be sent again when nobody knows if it was applied: it adds nothing, or the second
 * time it is refused because of what the first one set or removed. The caller sees its own tag in the refusal
 * then. Any other sum would count twice.
 */
export function isRepeatable({ when, set, add, remove = [] }: Update): boolean {
  const adds = Object.values(add).some((amount) => amount !== 0);
  return !adds || when.some((condition) => undoes(condition, set, remove));
}

/** Whether a condition that held cannot hold again once the update was applied. */
function undoes(condition: Condition, set: Fields, remove: readonly string[]): boolean {
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
      return false;
  }
}

/** The answer was lost, so the caller has to know what that means. Not of a kind that the SDK tries again. */
class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
}

/**
 * Keeps the SDK from repeating `command` after a failure that may have come behind its effect. Throttling
 * comes before, and is waited out as ever.
 */
export function onlyOnce(command: UpdateItemCommand): UpdateItemCommand {
  command.middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        if (isRefusal(error)) throw error;
        throw new OutcomeUnknown(
          `nobody knows whether ${command.input.Key?.["pk"]?.S} was updated: ${String(error)}`,
        );
      }
    },
    // Within the SDK's own retries, which have priority `high`.
    { name: "onlyOnce", step: "finalizeRequest", priority: "low" },
  );
  return command;
}

/** Whether the service has said no. */
function isRefusal(error: unknown): boolean {
  const { $fault } = error as { readonly $fault?: unknown };
  return $fault === "client";
}
