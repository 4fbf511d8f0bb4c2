/** Multipart uploads. A part is uploaded, or copied from an object in S3. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";
import type { ObjectAddress } from "../object-name.ts";

/**
 * Every part but the last has at least 5 MiB:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export const MIN_PART_BYTES = 5 * 1024 * 1024;
export const MAX_PARTS = 10_000;
/** The size of an uploaded part; each is held in memory until it is sent. */
export const PART_BYTES = 8 * 1024 * 1024;

export interface CopySource {
  readonly address: ObjectAddress;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Multipart {
  /** Parts may be sent concurrently; the order of the calls is the order of the parts. */
  upload(bytes: Uint8Array): Promise<void>;
  copy(source: CopySource): Promise<void>;
  /** Creates the object from the parts. */
  complete(): Promise<void>;
  /**
   * Removes the parts. Parts that are still being sent may survive; the bucket's lifecycle removes them after
   * a day.
   */
  abort(): Promise<void>;
}

/** Begins a multipart upload of the object at `address`. */
export async function beginMultipart(
  client: Pick<S3Client, "send">,
  address: ObjectAddress,
): Promise<Multipart> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(address));
  if (UploadId === undefined) throw new Error(`S3 returned no upload id for ${address.Key}`);
  const upload = { ...address, UploadId };
  const parts: CompletedPart[] = [];

  /** A part takes its number when it begins, not when it ends. */
  function nextPart(): CompletedPart & { PartNumber: number } {
    const part: CompletedPart & { PartNumber: number } = { PartNumber: parts.length + 1 };
    if (part.PartNumber > MAX_PARTS) {
      throw new RangeError(
        `${address.Key} would have more than the ${MAX_PARTS} parts that S3 allows in an object`,
      );
    }
    parts.push(part);
    return part;
  }

  return {
    async upload(bytes) {
      const part = nextPart();
      const { ETag } = await client.send(new UploadPartCommand({ ...upload, ...part, Body: bytes }));
      part.ETag = ETag;
    },
    async copy({ address: { Bucket, Key }, start, end }) {
      const part = nextPart();
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          ...upload,
          ...part,
          CopySource: `${Bucket}/${Key.split("/").map(encodeURIComponent).join("/")}`,
          CopySourceRange: `bytes=${start}-${end - 1}`,
        }),
      );
      part.ETag = CopyPartResult?.ETag;
    },
    async complete() {
      const MultipartUpload = { Parts: parts };
      await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }));
    },
    async abort() {
      // An error here must not hide the error that led to the abort. The lifecycle rule cleans up too.
      await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    },
  };
}
