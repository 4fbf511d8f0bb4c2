/** What signed URLs lead to: files of batches to read, objects of the bucket to write. */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, statSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Permit } from "./access.ts";
import type { LocalBucket } from "./local-bucket.ts";

export interface Transfers {
  readonly directory: string;
  readonly bucket: LocalBucket;
  /** Called when an object is whole. */
  readonly onObject: (key: string) => Promise<void>;
}

type Transfer = (permit: Permit, request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createTransfer({ directory, bucket, onObject }: Transfers): Transfer {
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
 * As S3 does: what is there stays as it is. Read to its end first: whoever sends looks for an answer only
 * then.
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

/** Under a hidden name until it is whole: nobody takes a part for the object. */
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
