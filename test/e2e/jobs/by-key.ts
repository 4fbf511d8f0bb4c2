import { byKeyJob } from "./by-key-job.ts";

export default byKeyJob("by-key", {});
