/**
 * Users' inputs on S3, read with the AWS credentials of whoever runs the batch. What talks to AWS is loaded
 * for the first of them.
 */
import type { ListedObject, ObjectStat, ObjectStore } from "../../ports.ts";

export interface S3Inputs extends Pick<ObjectStore, "stat" | "read"> {
  /** The objects below a prefix, in the order of their keys. */
  list(bucket: string, prefix: string): Promise<readonly ListedObject[]>;
}

export function isOnS3(name: string): boolean {
  return name.startsWith("s3://");
}

export function createS3Inputs(): S3Inputs {
  let opening: ReturnType<typeof open> | null = null;
  const opened = (): ReturnType<typeof open> => (opening ??= open());
  return {
    stat: async (name): Promise<ObjectStat | null> => (await opened()).storeOf(name).stat(name),
    async *read(name, start, end, version) {
      yield* (await opened()).storeOf(name).read(name, start, end, version);
    },
    list: async (bucket, prefix) => (await opened()).list({ bucket, prefix }),
  };
}

async function open() {
  const { s3Client } = await import("../../aws/store/s3-client.ts");
  const { createS3Store } = await import("../../aws/store/store.ts");
  const { listObjects } = await import("../../aws/store/list-objects.ts");
  const client = s3Client();
  return {
    /** No bucket is ruled out: the credentials of the user who runs the batch decide. */
    storeOf(name: string): ObjectStore {
      const bucket = /^s3:\/\/([^/]*)/.exec(name)?.[1] ?? "";
      return createS3Store({ client, bucket: NO_BUCKET, readable: [bucket], newName: neverNamed });
    },
    list: (where: Parameters<typeof listObjects>[1]) => Array.fromAsync(listObjects(client, where)),
  };
}

/** On one machine no bucket is fanjoin's own. */
const NO_BUCKET = "";

function neverNamed(): never {
  throw new Error("nothing is ever written to the buckets of inputs");
}
