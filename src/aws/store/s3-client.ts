/** The client of S3, in a file of its own: `fanjoin run` needs no other. */
import { S3Client } from "@aws-sdk/client-s3";
import { RETRIES, handler } from "../client-options.ts";

/**
 * The timeouts leave a small function time to upload a part of 8 MiB. When a slow consumer stops reading, the
 * socket timeout cuts the connection, and `object-read.ts` resumes the read.
 *
 * Checksums are used only where S3 requires them. S3 has none for ranges. A signed URL would otherwise carry
 * the checksum of an empty body, and S3 would refuse any other body.
 */
export function s3Client(env: NodeJS.ProcessEnv = process.env): S3Client {
  return new S3Client({
    ...RETRIES,
    requestHandler: handler(2000, 60_000, 60_000),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Readable buckets may be in other regions.
    followRegionRedirects: true,
    // Only on AWS does every bucket have a host name.
    forcePathStyle: (env["AWS_ENDPOINT_URL_S3"] ?? env["AWS_ENDPOINT_URL"]) !== undefined,
  });
}
