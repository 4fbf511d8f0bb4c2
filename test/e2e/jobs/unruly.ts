import { salesJob } from "./shared/sales-job.ts";

/** A job for misbehaving items. It is deployed with little time and memory. */
export default salesJob("unruly", { chunk: { items: 5 }, retries: 0, itemTimeoutMs: 2500 });
