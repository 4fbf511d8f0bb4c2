/** The sources of a batch on this machine: local files, streams, and objects on S3. */
import { fileURLToPath } from "node:url";
import { explainError } from "../aws/explain-error.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import type { InputStream } from "../door/fanjoin.ts";
import type { Source } from "../input/reader.ts";
import { createS3Inputs, isOnS3 } from "../local/store/s3-inputs.ts";
import { sealedSource } from "./file-version.ts";
import { isStream, pathOf } from "./given-input.ts";
import type { GivenInput } from "./given-input.ts";
import { sourcesOf } from "./local-files.ts";
import type { SearchOptions } from "./local-files.ts";
import { parseS3Url } from "./s3-url.ts";

/**
 * Of so many files the first and the last block are read, to notice changes of them. A list of 100,000 files
 * would take a fifth longer.
 */
const MOST_SEALED = 1000;

/**
 * In the order given; streams as they are. Throws `INPUT_NOT_FOUND`, `INPUT_INVALID`, `INPUT_FORBIDDEN`,
 * `AWS_REFUSED`, `AWS_UNREACHABLE`, `USAGE`.
 */
export async function sourcesToRun(
  inputs: readonly GivenInput[],
  options: SearchOptions,
): Promise<(Source | InputStream)[]> {
  const found: (Source | InputStream)[] = [];
  for (const given of inputs) {
    const input = isStream(given) ? given : pathOf(given);
    if (typeof input !== "string") {
      found.push(input);
      continue;
    }
    // One by one: a call takes no 200,000 arguments.
    for (const source of isOnS3(input) ? await objectsAt(input) : sourcesOf([input], options))
      found.push(source);
  }
  return found.length > MOST_SEALED
    ? found
    : found.map((source) => (isStream(source) ? source : sealed(source)));
}

function sealed(source: Source): Source {
  const isFile = source.name.startsWith("file:") && source.problem === undefined;
  return isFile ? sealedSource(fileURLToPath(source.name), source) : source;
}

async function objectsAt(input: string): Promise<Source[]> {
  const { url, bucket, key } = parseS3Url(input);
  const s3 = createS3Inputs();
  try {
    if (key === "" || key.endsWith("/")) {
      const objects = await s3.list(bucket, key);
      if (objects.length === 0)
        throw new FanjoinError("INPUT_NOT_FOUND", `there are no objects below ${url}`);
      return objects.map(({ url: name, bytes: size, version }) => ({ name, label: name, size, version }));
    }
    const stat = await s3.stat(url);
    if (!stat) throw new FanjoinError("INPUT_NOT_FOUND", `there is no object ${url}`);
    return [{ name: url, label: url, size: stat.bytes, version: stat.version }];
  } catch (error) {
    throw explained(error, url);
  }
}

/** S3 answers a HEAD request without a body, so its error says nothing but the status. */
function explained(error: unknown, url: string): unknown {
  if (error instanceof FanjoinError && error.code === "INPUT_FORBIDDEN") {
    return new FanjoinError(
      "INPUT_FORBIDDEN",
      `S3 does not let these AWS credentials read ${url}: they need s3:GetObject and s3:ListBucket there`,
      { cause: error },
    );
  }
  const known = explainError(error, "S3");
  if (known || !(error instanceof Error)) return known ?? error;
  return new FanjoinError(
    "AWS_REFUSED",
    `S3 refuses the request for ${url} (${error.message}): check the AWS credentials and the region (AWS_REGION)`,
    { cause: error },
  );
}
