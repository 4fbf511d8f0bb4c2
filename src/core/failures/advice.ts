/** What would help the items of a group. */
import { ERROR_CODES, isErrorCode } from "../errors/errors.ts";
import type { FailureGroup } from "./failure-summary.ts";

export interface AdviceFacts extends Pick<FailureGroup, "code"> {
  readonly toEnd: boolean;
  /** At least one of the items was tried more than once, and the job's policy allowed it. */
  readonly retried: boolean;
}

const MAY_PASS = "trying again may help";
const NOT_RETRIED = "the job does not retry this";

/** What a redrive may do about a group. */
export type Prospect = "mayPass" | "notRetried" | "hasToChange";

export function prospectOf({ code, advice }: Pick<FailureGroup, "code" | "advice">): Prospect {
  if (advice === NOT_RETRIED) return "notRetried";
  return advice === MAY_PASS || code === "CHUNK_FAILED" ? "mayPass" : "hasToChange";
}

export function adviceFor({ code, toEnd, retried }: AdviceFacts): string {
  if (code === "INPUT_INVALID")
    return toEnd ? "the rest of the file was not read" : "the input has to change";
  if (toEnd) return "the rest of the file was not read as rows";
  if (code === "CHUNK_FAILED") return "the range is listed; its items were not tried one by one";
  if (code === "ITEM_CRASHED") return "it ended the process that ran it";
  // A line may come from a newer fanjoin.
  if (!isErrorCode(code) || !ERROR_CODES[code].retry) return "the item has to change, or the job";
  return retried ? MAY_PASS : NOT_RETRIED;
}
