import { salesJob } from "./sales-job.ts";

/** Bytes are what cuts rows with long notes. */
export default salesJob("sales", { chunk: { items: 80, bytes: 4096 }, retries: 0 });
