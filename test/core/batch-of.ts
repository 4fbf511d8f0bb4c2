/** The only batch of an explored world. */
import type { Fields } from "../../src/core/records/record.ts";

export const BATCH = "b";

export function batchOf({ records }: { readonly records: ReadonlyMap<string, Fields> }): Fields {
  return records.get(`batch/${BATCH}`) ?? {};
}
