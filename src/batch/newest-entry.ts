/** The newest entry of a plan. */
import { planKey } from "../core/records/plan.ts";
import type { Fields } from "../core/records/record.ts";
import type { Ledger } from "../ports.ts";

export interface NewestEntry {
  readonly entry: number;
  readonly fields: Fields;
}

/** Found by doubling and halving; `null` if nothing was planned yet. With `stale`, it may be an older one. */
export async function newestEntry(
  ledger: Pick<Ledger, "read">,
  batch: string,
  options: { readonly stale: boolean },
): Promise<NewestEntry | null> {
  const at = async (entry: number): Promise<Fields | null> => {
    const [record = null] = await ledger.read([planKey(batch, entry)], options);
    return record;
  };
  let beyond = 1;
  while (await at(beyond - 1)) beyond *= 2;
  let within = Math.floor(beyond / 2) - 1;
  beyond -= 1;
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2);
    if (await at(middle)) within = middle;
    else beyond = middle;
  }
  const fields = within < 0 ? null : await at(within);
  return fields && { entry: within, fields };
}
