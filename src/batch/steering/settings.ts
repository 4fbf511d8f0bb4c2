/** Changes settings of a batch that runs. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { LEAST_PER_SECOND, MOST_PER_SECOND } from "../../core/limits/rate-limit.ts";
import { hasEnded } from "../../core/records/batch/batch.ts";
import { changeSettings, SETTING_NAMES } from "../../core/records/batch/settings.ts";
import type { SettingName, Settings } from "../../core/records/batch/settings.ts";
import type { Ports } from "../../ports.ts";
import { unknownBatch } from "../spec.ts";

/** More threads than any machine has cores for. */
const MOST_THREADS = 1024;
const MOST_PRIORITY = 100;

/** More calls than all functions of an account can have in flight. */
const MOST_IN_FLIGHT = 1_000_000;

interface Rule {
  readonly least: number;
  readonly most: number;
  readonly isWhole: boolean;
}

const RULES = {
  threads: { least: 1, most: MOST_THREADS, isWhole: true },
  priority: { least: -MOST_PRIORITY, most: MOST_PRIORITY, isWhole: true },
  inFlight: { least: 1, most: MOST_IN_FLIGHT, isWhole: true },
  perSecond: { least: LEAST_PER_SECOND, most: MOST_PER_SECOND, isWhole: false },
} as const satisfies Record<SettingName, Rule>;

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
    const { least, most, isWhole } = RULES[name];
    const value = Number(settings[name]);
    const isNumber = isWhole ? Number.isSafeInteger(value) : Number.isFinite(value);
    if (isNumber && value >= least && value <= most) continue;
    const kind = isWhole ? "a whole number" : "a number";
    throw invalid(`${name} must be ${kind} from ${least} to ${most}, but is ${value}`);
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
