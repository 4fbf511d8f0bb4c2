/** A log that nobody reads. */
import type { Logger } from "../job/job.ts";

const ignore = (): void => undefined;

export const SILENT: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
