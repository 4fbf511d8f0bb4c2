/** The resources and settings that all functions of a stack share. */
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { BatchBucket } from "./resources/bucket.ts";
import type { Deployment } from "./resources/deployment.ts";
import type { ReadableBuckets } from "./resources/readable-buckets.ts";
import type { LedgerTable } from "./resources/table.ts";

export interface SharedResources {
  readonly deployment: Deployment;
  readonly table: LedgerTable;
  readonly bucket: BatchBucket;
  readonly readable: ReadableBuckets;
  readonly coordinatorQueue: Queue;
  readonly deadLetters: Queue;
  /** JSON text: the transport of each job by the job's name. A lazy value: it is complete at synthesis. */
  readonly jobs: string;
}
