/** The sales of a CSV file, in a file for each country. A row's note may name a deed for its item. */
import { collect, csv, defineJob } from "fanjoin";
import type { CollectByOptions } from "fanjoin";
import { saleOf } from "./sales-job.ts";
import type { Sale } from "./sales-job.ts";

export function byKeyJob(name: string, options: Omit<CollectByOptions<Sale>, "by">) {
  return defineJob({
    name,
    input: csv(),
    chunk: { items: 40 },
    retries: 0,
    process: saleOf,
    join: { files: collect<Sale>({ ...options, by: "country" }) },
  });
}
