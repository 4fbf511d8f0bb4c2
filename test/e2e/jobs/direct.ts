import { salesJob } from "./shared/sales-job.ts";

/** Equal to `sales`, but deployed with the transport `invoke`. */
export default salesJob("direct", { chunk: { items: 80 }, retries: 0 });
