import { waitsJob } from "./shared/waits-job.ts";

export default waitsJob("waits");
