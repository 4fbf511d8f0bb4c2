/** Which failed items a redrive does again, and the refusal of one. */
import { FanjoinError } from "../errors/errors.ts";
import type { FailedLine } from "./failed-line.ts";

/** Items with one of these error codes and one of these error classes. `null`: any code, any class. */
export interface RedriveFilter {
  readonly codes: readonly string[] | null;
  readonly classes: readonly string[] | null;
}

/** Whether a redrive with this filter does a failed item again. Without a filter it does every one. */
export function matches(
  filter: RedriveFilter | undefined,
  { code, error }: Pick<FailedLine, "code" | "error">,
): boolean {
  const { codes = null, classes = null } = filter ?? {};
  return (codes?.includes(code) ?? true) && (classes?.includes(error.name) ?? true);
}

/** `resume`: the command that continues the batch. */
export function notEnded(batch: string, resume = `fanjoin resume ${batch}`): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended, and only an ended batch can be redriven: \`${resume}\` continues it`,
  );
}
