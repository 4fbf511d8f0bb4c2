/** The refusal of a redrive. It stands alone because browsers load it. */
import { FanjoinError } from "../core/errors.ts";

/** `resume`: the command that continues the batch. */
export function notEnded(batch: string, resume = `fanjoin resume ${batch}`): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended, and only an ended batch can be redriven: \`${resume}\` continues it`,
  );
}
