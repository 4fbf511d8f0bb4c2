/** What all functions of a stack share. */
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { BatchBucket } from "./resources/bucket.ts";
import type { Deployment } from "./resources/deployment.ts";
import type { ReadableBuckets } from "./resources/readable-buckets.ts";
import type { LedgerTable } from "./resources/table.ts";

export interface Shared {
  readonly deployment: Deployment;
  readonly table: LedgerTable;
  readonly bucket: BatchBucket;
  readonly readable: ReadableBuckets;
  readonly coordinatorQueue: Queue;
  readonly deadLetters: Queue;
  /** JSON: the transport of each job by the job's name. Known when all jobs were added. */
  readonly jobs: string;
}
