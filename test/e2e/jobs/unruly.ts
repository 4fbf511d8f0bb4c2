import { salesJob } from "./sales-job.ts";

/** Where it is deployed it has little time and memory. */
export default salesJob("unruly", { chunk: { items: 5 }, retries: 0, itemTimeoutMs: 2500 });
