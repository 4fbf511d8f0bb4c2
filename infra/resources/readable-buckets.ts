/** The user's buckets that may hold inputs. No other bucket is ever read. */
import type { Function } from "aws-cdk-lib/aws-lambda";
import { Bucket } from "aws-cdk-lib/aws-s3";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { mayRead } from "./bucket.ts";

export interface ReadableBucketsProps {
  /** Buckets, or their names, that inputs may be read from (`s3://bucket/key`) besides the stack's own. */
  readonly readableBuckets?: readonly (IBucket | string)[] | undefined;
}

export interface ReadableBuckets {
  /** Allows a function to read the buckets, and sets their names in its environment. */
  grant(user: Function): void;
}

/** Imports buckets that are given by name. */
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
