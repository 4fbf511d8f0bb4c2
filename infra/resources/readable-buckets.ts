/** Buckets of the user's that inputs may be read from: what is not listed here is never read. */
import type { Function } from "aws-cdk-lib/aws-lambda";
import { Bucket } from "aws-cdk-lib/aws-s3";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { mayRead } from "./bucket.ts";

export interface ReadableBucketsProps {
  /** Buckets besides its own that inputs may be read from (`s3://bucket/key`), or their names. */
  readonly readableBuckets?: readonly (IBucket | string)[] | undefined;
}

export interface ReadableBuckets {
  grant(user: Function): void;
}

export function readableBuckets(scope: Construct, props: ReadableBucketsProps): ReadableBuckets {
  const buckets = (props.readableBuckets ?? []).map((bucket) =>
    typeof bucket === "string" ? Bucket.fromBucketName(scope, `Readable-${bucket}`, bucket) : bucket,
  );
  return {
    grant(user) {
      if (buckets.length === 0) return;
      user.addEnvironment("FANJOIN_READABLE_BUCKETS", buckets.map((bucket) => bucket.bucketName).join(","));
      for (const bucket of buckets) {
        bucket.encryptionKey?.grantDecrypt(user);
        mayRead(user, bucket, [bucket.arnForObjects("*")]);
      }
    },
  };
}
