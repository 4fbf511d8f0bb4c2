import { waitsJob } from "./waits-job.ts";

export default waitsJob("patient");
