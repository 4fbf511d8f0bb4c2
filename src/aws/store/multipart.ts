/** One object in parts: uploaded, or copied from objects that are there already. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";
import type { ObjectAddress } from "./object-name.ts";

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: every part but the last has 5 MiB at
 * least.
 */
export const MIN_PART_BYTES = 5 * 1024 * 1024;
export const MAX_PARTS = 10_000;
/** What is sent in one part, and held in memory for it. */
export const PART_BYTES = 8 * 1024 * 1024;

export interface CopySource {
  readonly place: ObjectAddress;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Multipart {
  /** Parts may be sent side by side; their order is that of the calls. */
  upload(bytes: Uint8Array): Promise<void>;
  copy(source: CopySource): Promise<void>;
  /** Makes the object, if nothing has failed. */
  complete(): Promise<void>;
  /**
   * Leaves nothing behind. Parts that are still on their way may outlive it, for the day after which the
   * bucket's lifecycle removes them.
   */
  abort(): Promise<void>;
}

export async function beginMultipart(
  client: Pick<S3Client, "send">,
  place: ObjectAddress,
): Promise<Multipart> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
  if (UploadId === undefined) throw new Error(`S3 began no upload of ${place.Key}`);
  const upload = { ...place, UploadId };
  const parts: CompletedPart[] = [];

  /** A part's number is taken when it is begun. */
  function nextPart(): CompletedPart & { PartNumber: number } {
    const part: CompletedPart & { PartNumber: number } = { PartNumber: parts.length + 1 };
    if (part.PartNumber > MAX_PARTS) {
      throw new RangeError(
        `${place.Key} would have more than the ${MAX_PARTS} parts that S3 allows an object`,
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
    async copy({ place: { Bucket, Key }, start, end }) {
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
      // The lifecycle rule does it too; what failed before is what the caller has to hear of.
      await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    },
  };
}
