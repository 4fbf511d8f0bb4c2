import { byKeyJob } from "./shared/by-key-job.ts";

export default byKeyJob("by-key-csv", { format: "csv", gzip: true });
