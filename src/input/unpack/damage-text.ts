/** The messages about faults of packed data. */
import { Damage } from "./damage.ts";
import { faultOf } from "./members/fault.ts";
import type { FaultKind } from "./members/fault.ts";
import type { Packing } from "./packing.ts";

/** A fault of packed data, and how many packed bytes before it are good. */
export class FaultAt extends Error {
  readonly good: number;

  constructor(good: number, cause: unknown) {
    super("a fault of packed data", { cause });
    this.good = good;
  }
}

/** The member with the fault. */
export interface FaultyMember {
  readonly packing: Packing;
  /** Where it begins in the packed source. */
  readonly begun: number;
  /**
   * Its items: some of them were delivered before the fault was found, or all are held back. `none`: it was
   * not read for items.
   */
  readonly items: "in doubt" | "left out" | "none";
}

const WORDS: { readonly [Name in Packing]: string } = { gzip: "gzip member", zstd: "zstd frame" };

const FAULTS: { readonly [Kind in Exclude<FaultKind, "broken" | "window">]: string } = {
  "cut-off": "end too soon (was the file cut off?)",
  foreign: "are followed by something else",
  checksum: "do not have the checksum that they should have",
};

/** The error for a fault. An error that is not about the data is returned as it is. */
export function damageOf({ good, cause }: FaultAt, { packing, begun, items }: FaultyMember): unknown {
  const fault = faultOf(cause);
  if (fault === null) return cause;
  const { kind, message } = fault;
  const member = WORDS[packing];
  if (kind === "window") {
    const text = `the ${member} at byte ${begun} of the packed file ${message}. Raise maxWindowBytes of the reader, or pack the file without --long.`;
    return new Damage(text, { cause });
  }
  const what = kind === "broken" ? `are damaged (${message})` : FAULTS[kind];
  const text = `its ${packing} data ${what}, at byte ${good} of the packed file.`;
  if (kind === "foreign") return new Damage(text, { afterEnd: true, cause });
  const rest = {
    "in doubt": ` All items since this ${member} began, at byte ${begun}, are in doubt.`,
    "left out": ` This ${member}, from byte ${begun} on, is left out, because its items would be in doubt.`,
    none: "",
  }[items];
  return new Damage(text + rest, { inDoubt: items === "in doubt", cause });
}
