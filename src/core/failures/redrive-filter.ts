/** Which failed items a redrive does again, and the refusal of one. */
import { FanjoinError } from "../errors/errors.ts";
import type { FailedLine } from "./failed-line.ts";
import { inGroups } from "./group-id.ts";

/** Items with one of these error codes, of one of these error classes, and in one of these groups. */
export interface RedriveFilter {
  /** `null`: any code, any class. */
  readonly codes: readonly string[] | null;
  readonly classes: readonly string[] | null;
  /** Ids of groups. Absent: any group. */
  readonly groups?: readonly string[] | null;
}

/** Whether a redrive with this filter does a failed item again. Without a filter it does every one. */
export function matches(
  filter: RedriveFilter | undefined,
  { code, error }: Pick<FailedLine, "code" | "error">,
): boolean {
  const { codes = null, classes = null, groups = null } = filter ?? {};
  if (codes?.includes(code) === false || classes?.includes(error.name) === false) return false;
  return groups === null || isInGroups(groups, { code, error });
}

/** Asked for many items with one filter. */
let known: { readonly groups: readonly string[]; readonly isIn: ReturnType<typeof inGroups> } | null = null;

function isInGroups(groups: readonly string[], line: Pick<FailedLine, "code" | "error">): boolean {
  if (known?.groups !== groups) known = { groups, isIn: inGroups(groups) };
  return known.isIn(line);
}

/** `resume`: the command that continues the batch. */
export function notEnded(batch: string, resume = `fanjoin resume ${batch}`): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended, and only an ended batch can be redriven: \`${resume}\` continues it`,
  );
}
