import { byKeyJob } from "./shared/by-key-job.ts";

export default byKeyJob("by-key", {});
