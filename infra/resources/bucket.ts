/** The bucket: uploads and other inputs, the objects of attempts, and the results of batches. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function } from "aws-cdk-lib/aws-lambda";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { CfnBucket, IBucket, LifecycleRule } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { UPLOADS } from "../../src/core/stack/resource-names.ts";
import type { INPUT_FOLDERS } from "../../src/core/stack/resource-names.ts";
import { apiOriginsOf } from "../api/web-origins.ts";
import type { WebOriginProps } from "../api/web-origins.ts";
import { suppress, suppressWildcard } from "./nag-suppressions.ts";
import { QUEUE_RETENTION_DAYS } from "./deployment.ts";
import type { Deployment } from "./deployment.ts";
import { invalid, wholeNumber } from "./check-props.ts";
import { allowAnnouncements } from "./queues.ts";

export interface BucketProps {
  /** Days after which uploads and other inputs are deleted. By default they are kept. */
  readonly inputRetentionDays?: number | undefined;
  /** Days after which results are deleted. By default they are kept. */
  readonly resultRetentionDays?: number | undefined;
  /**
   * Origins of web pages that may upload with a signed URL, such as `https://app.example`. None by default.
   */
  readonly uploadOrigins?: readonly string[] | undefined;
  /** The bucket for server access logs. By default there are no access logs. */
  readonly accessLogsBucket?: IBucket | undefined;
  /**
   * `true`: all objects are deleted with the bucket. Requires `removalPolicy: RemovalPolicy.DESTROY`. For
   * tests.
   */
  readonly deleteObjects?: boolean | undefined;
}

/** The bucket's folders. `uploads` starts batches, `inputs` does not. */
export type Folder = (typeof INPUT_FOLDERS)[number] | "attempts" | "batches";

export interface BatchBucket {
  readonly bucket: Bucket;
  /**
   * Allows a function to read and write in folders, and sets the bucket's name in its environment. A function
   * that may read can also distinguish a missing object from a forbidden one.
   */
  grant(
    user: Function,
    access: { readonly read: readonly Folder[]; readonly write: readonly Folder[] },
  ): void;
  /** Allows a function to remove the folders of batches whose ids it knows. */
  grantRemoval(user: Function): void;
}

const TEN_YEARS = 3650;

/**
 * Creates the bucket. New objects in `uploads/` are announced in the queue. Throws `JOB_INVALID` for invalid
 * properties.
 */
export function createBucket(
  scope: Construct,
  deployment: Deployment,
  props: BucketProps & WebOriginProps,
  announcements: Queue,
): BatchBucket {
  const { key, removalPolicy } = deployment;
  if (props.deleteObjects && removalPolicy !== RemovalPolicy.DESTROY) {
    throw invalid(
      "deleteObjects deletes the objects together with the bucket: it needs removalPolicy: RemovalPolicy.DESTROY.",
    );
  }
  // Pages that call the API also follow the signed URLs that it gives.
  const origins = new Set([...(props.uploadOrigins ?? []), ...apiOriginsOf(props)]);
  const bucket = new Bucket(scope, "Bucket", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    // No object that counts is overwritten: attempts have names of their own, and a batch's result is
    // committed once. A report is replaced by that of a later end, and can be made again.
    versioned: false,
    ...(key
      ? { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
      : { encryption: BucketEncryption.S3_MANAGED }),
    lifecycleRules: lifecycle(deployment, props),
    ...(origins.size > 0 && { cors: [cors(origins)] }),
    ...(props.accessLogsBucket && {
      serverAccessLogsBucket: props.accessLogsBucket,
      serverAccessLogsPrefix: `${deployment.name}/`,
    }),
    removalPolicy,
    autoDeleteObjects: props.deleteObjects ?? false,
  });
  if (!props.accessLogsBucket) {
    suppress(
      bucket,
      "Server access logs need a bucket of the user's choice: the option accessLogsBucket.",
      "S1",
    );
  }
  announce(bucket, announcements);
  return {
    bucket,
    grant: (user, access) => grant(bucket, user, access),
    grantRemoval: (user) => grantRemoval(bucket, user),
  };
}

/**
 * Redrives read the objects of attempts, so these have to outlive the ledger's records. A record's days count
 * from its last change, an object's from its creation; a batch lasts at most as long as SQS keeps a message.
 */
function lifecycle({ retentionDays }: Deployment, props: BucketProps): LifecycleRule[] {
  const inputs = wholeNumber(props.inputRetentionDays, "inputRetentionDays", [1, TEN_YEARS], null);
  const results = wholeNumber(props.resultRetentionDays, "resultRetentionDays", [1, TEN_YEARS], null);
  return [
    { id: "unfinished-uploads", abortIncompleteMultipartUploadAfter: Duration.days(1) },
    expire("attempts", retentionDays + QUEUE_RETENTION_DAYS),
    ...(inputs === null ? [] : [expire("uploads", inputs), expire("inputs", inputs)]),
    ...(results === null ? [] : [expire("batches", results)]),
  ];
}

function expire(folder: Folder, days: number): LifecycleRule {
  return { id: folder, prefix: `${folder}/`, expiration: Duration.days(days) };
}

function cors(origins: ReadonlySet<string>): {
  allowedOrigins: string[];
  allowedMethods: HttpMethods[];
  allowedHeaders: string[];
  exposedHeaders: string[];
} {
  return {
    allowedOrigins: [...origins],
    allowedMethods: [HttpMethods.PUT, HttpMethods.GET, HttpMethods.HEAD],
    allowedHeaders: ["*"],
    exposedHeaders: ["ETag"],
  };
}

/**
 * Sets the notifications in the bucket's own resource. CDK's own way would add a function that may change the
 * notifications of every bucket.
 */
function announce(bucket: Bucket, queue: Queue): void {
  allowAnnouncements(queue);
  const resource = bucket.node.defaultChild as CfnBucket;
  resource.notificationConfiguration = {
    queueConfigurations: [
      {
        event: "s3:ObjectCreated:*",
        queue: queue.queueArn,
        filter: { s3Key: { rules: [{ name: "prefix", value: `${UPLOADS}/` }] } },
      },
    ],
  };
  // S3 sends a test message when it creates the bucket, and fails if the queue's policy does not allow that.
  resource.node.addDependency(queue.node.findChild("Policy"));
}

function grant(
  bucket: Bucket,
  user: Function,
  { read, write }: { readonly read: readonly Folder[]; readonly write: readonly Folder[] },
): void {
  user.addEnvironment("FANJOIN_BUCKET", bucket.bucketName);
  const objects = (folders: readonly Folder[]): string[] =>
    folders.map((folder) => bucket.arnForObjects(`${folder}/*`));
  if (read.length > 0)
    mayRead(
      user,
      bucket,
      objects(read),
      read.map((folder) => LISTED[folder]),
    );
  if (write.length > 0) {
    mayUse(user, ["s3:AbortMultipartUpload", "s3:PutObject"], objects(write));
  }
}

/**
 * What a function that may read a folder may list of it. S3 reports a missing object as missing only to
 * callers that may list its key, and as forbidden to others; then the key is the `s3:prefix` of the condition
 * (https://github.com/ceph/ceph/pull/68577). So the folders of inputs may be listed. Of fanjoin's own objects
 * only those whose random name, or whose batch, the caller knows already: no job finds those of another one.
 */
const LISTED: { readonly [Name in Folder]: string } = {
  uploads: "uploads/*",
  inputs: "inputs/*",
  // 16 random characters, as `newObjectName` makes them.
  attempts: `attempts/${"?".repeat(16)}/?*`,
  // The id of a batch: a ULID.
  batches: `batches/${"?".repeat(26)}/?*`,
};

function grantRemoval(bucket: Bucket, user: Function): void {
  mayUse(user, ["s3:DeleteObject"], [bucket.arnForObjects("batches/*")]);
  mayList(user, bucket, [BATCH_FOLDER]);
}

/** The folder of one batch: its name has to be known, so nobody finds a batch by it. */
const BATCH_FOLDER = `batches/${"?".repeat(26)}/`;

/**
 * Allows a function to read objects, and to list the keys that match `listed`. By default that is the whole
 * bucket.
 */
export function mayRead(
  reader: Function,
  bucket: Pick<IBucket, "bucketArn">,
  objects: readonly string[],
  listed?: readonly string[],
): void {
  mayUse(reader, ["s3:GetObject"], objects);
  mayList(reader, bucket, listed);
}

/** `listed`: of keys, as patterns; by default all. */
function mayList(user: Function, bucket: Pick<IBucket, "bucketArn">, listed?: readonly string[]): void {
  user.addToRolePolicy(
    new PolicyStatement({
      actions: ["s3:ListBucket"],
      resources: [bucket.bucketArn],
      ...(listed && { conditions: { StringLike: { "s3:prefix": [...listed] } } }),
    }),
  );
}

function mayUse(user: Function, actions: string[], objects: readonly string[]): void {
  user.addToRolePolicy(new PolicyStatement({ actions, resources: [...objects] }));
  for (const arn of objects) {
    if (user.role)
      suppressWildcard(user.role, "Objects are made all the time: one folder's, of one bucket.", arn);
  }
}
