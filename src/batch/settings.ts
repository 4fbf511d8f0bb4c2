/** Changes settings of a batch that runs. */
import { FanjoinError } from "../core/errors/errors.ts";
import { hasEnded } from "../core/records/batch.ts";
import { changeSettings, SETTING_NAMES } from "../core/records/settings.ts";
import type { SettingName, Settings } from "../core/records/settings.ts";
import type { Ports } from "../ports.ts";
import { unknownBatch } from "./spec.ts";

/** More threads than any machine has cores for. */
const MOST_THREADS = 1024;
const MOST_PRIORITY = 100;

const RULES = {
  threads: { least: 1, most: MOST_THREADS },
  priority: { least: -MOST_PRIORITY, most: MOST_PRIORITY },
} as const satisfies Record<SettingName, { least: number; most: number }>;

/** Why a platform does not have these settings. */
export type Refused = { readonly [name in SettingName]?: string };

/**
 * Throws `REQUEST_INVALID` for a value that is out of range, for a setting that `refused` has a reason for,
 * and where there is none.
 */
export function checkSettings(settings: Settings, refused: Refused = {}): void {
  const given = SETTING_NAMES.filter((name) => settings[name] !== undefined);
  if (given.length === 0) throw invalid(`nothing is set: give one or more of ${SETTING_NAMES.join(", ")}`);
  for (const name of given) {
    const reason = refused[name];
    if (reason !== undefined) throw invalid(`${name} cannot be set here: ${reason}`);
    const { least, most } = RULES[name];
    const value = settings[name];
    if (!Number.isSafeInteger(value) || Number(value) < least || Number(value) > most)
      throw invalid(`${name} must be a whole number from ${least} to ${most}, but is ${value}`);
  }
}

function invalid(message: string): FanjoinError {
  return new FanjoinError("REQUEST_INVALID", message);
}

/** Throws `BATCH_UNKNOWN`, and `BATCH_NOT_READY` for a batch that has ended. */
export async function setSettings(
  { ledger }: Pick<Ports, "ledger">,
  batch: string,
  settings: Settings,
): Promise<void> {
  const { applied, record } = await ledger.update(changeSettings(batch, settings));
  if (!record) throw unknownBatch(batch);
  if (!applied && hasEnded(record))
    throw new FanjoinError("BATCH_NOT_READY", `batch ${batch} has ended: nothing can be set any more`);
}
