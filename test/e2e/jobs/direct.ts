import { salesJob } from "./sales-job.ts";

/** The same as `sales`; deployed with the other transport. */
export default salesJob("direct", { chunk: { items: 80 }, retries: 0 });
