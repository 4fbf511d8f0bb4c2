import { salesJob } from "./shared/sales-job.ts";

/** The limit in bytes cuts chunks of rows with long notes. */
export default salesJob("sales", { chunk: { items: 80, bytes: 4096 }, retries: 0 });
