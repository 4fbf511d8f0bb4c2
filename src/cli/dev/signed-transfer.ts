/** Answers requests to signed URLs: reads files of batches, and writes objects of the bucket. */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, statSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Permit } from "./access.ts";
import type { LocalBucket } from "./local-bucket.ts";

export interface TransferOptions {
  readonly directory: string;
  readonly bucket: LocalBucket;
  /** Called when an object is complete. */
  readonly onObject: (key: string) => Promise<void>;
}

type Transfer = (permit: Permit, request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function signedTransfer({ directory, bucket, onObject }: TransferOptions): Transfer {
  return async (permit, request, response) => {
    if (permit.method === "GET") return read(join(directory, permit.name), permit, response);
    const path = bucket.pathOf(permit.name);
    if (request.headers["if-none-match"] === "*" && existsSync(path)) return refuse(request, response);
    await write(path, request);
    await onObject(permit.name);
    response.writeHead(200, { "content-length": 0 }).end();
  };
}

/**
 * As on S3, an existing object stays as it is. The request is read to its end first, because a client may
 * look for an answer only then.
 */
async function refuse(request: IncomingMessage, response: ServerResponse): Promise<void> {
  for await (const _ of request);
  response.writeHead(412, { "content-length": 0 }).end();
}

async function read(path: string, { type, saveAs }: Permit, response: ServerResponse): Promise<void> {
  response.writeHead(200, {
    "content-type": type,
    "content-length": statSync(path).size,
    "content-disposition": `attachment; filename="${saveAs}"`,
    "x-content-type-options": "nosniff",
  });
  await pipeline(createReadStream(path), response);
}

/** The file has a hidden name until it is complete, so that a part of it is not taken for the object. */
async function write(path: string, request: IncomingMessage): Promise<void> {
  const part = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.part`);
  await mkdir(dirname(path), { recursive: true });
  try {
    await pipeline(request, createWriteStream(part, { flags: "wx" }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
