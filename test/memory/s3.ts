/** The part of S3 that the object store uses. */
import { createHash } from "node:crypto";
import type { HttpRequest } from "@smithy/protocol-http";
import { endpoint } from "./endpoint.ts";
import type { Answer } from "./endpoint.ts";

export interface MemoryS3 {
  /** By `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  readonly client: ReturnType<typeof endpoint> & { readonly forcePathStyle: true };
}

/** Objects on one page of a list. */
const PAGE = 2;
const MIN_PART_BYTES = 5 * 1024 * 1024;

class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, code: string) {
    super(code);
    this.answer = { status, body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>` };
  }
}

export function memoryS3(asked: (request: HttpRequest) => void = () => undefined): MemoryS3 {
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, { name: string; parts: Map<number, Buffer> }>();

  function get(name: string): Buffer {
    const found = objects.get(name);
    if (!found) throw new Refusal(404, "NoSuchKey");
    return found;
  }

  function read(name: string, { method, headers }: HttpRequest): Answer {
    const found = get(name);
    const wanted = headers["if-match"];
    if (wanted !== undefined && wanted !== etagOf(found)) throw new Refusal(412, "PreconditionFailed");
    const ETag = etagOf(found);
    if (method === "HEAD") return { headers: { "content-length": String(found.length), ETag } };
    const range = rangeOf(headers["range"]);
    if (range.start >= found.length) throw new Refusal(416, "InvalidRange");
    return { status: 206, headers: { ETag }, body: found.subarray(range.start, range.end) };
  }

  function put(name: string, { headers, query }: HttpRequest, body: Buffer): Answer {
    const upload = uploads.get(String(query["uploadId"]));
    const copied = headers["x-amz-copy-source"];
    if (upload) {
      const range = rangeOf(headers["x-amz-copy-source-range"]);
      const bytes =
        copied === undefined ? body : get(decodeURIComponent(copied)).subarray(range.start, range.end);
      upload.parts.set(Number(query["partNumber"]), bytes);
      const ETag = etagOf(bytes);
      if (copied === undefined) return { headers: { ETag } };
      return { body: `<CopyPartResult><ETag>${ETag.replaceAll('"', "&quot;")}</ETag></CopyPartResult>` };
    }
    if (headers["if-none-match"] === "*" && objects.has(name)) throw new Refusal(412, "PreconditionFailed");
    objects.set(name, body);
    return { headers: { ETag: etagOf(body) } };
  }

  /** One page of a list, of two objects: so that lists have several pages. */
  function list(bucket: string, { query }: HttpRequest): Answer {
    const prefix = `${bucket}/${String(query["prefix"] ?? "")}`;
    const names = [...objects.keys()].filter((name) => name.startsWith(prefix)).toSorted();
    const rest = names.filter((name) => name > String(query["continuation-token"] ?? ""));
    const page = rest.slice(0, PAGE);
    const contents = page.map((name) => `<Contents><Key>${name.slice(bucket.length + 1)}</Key></Contents>`);
    const more = rest.length > PAGE;
    const token = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
    return {
      body: `<ListBucketResult>${contents.join("")}<IsTruncated>${more}</IsTruncated>${token}</ListBucketResult>`,
    };
  }

  function removeSome(bucket: string, body: Buffer): Answer {
    for (const [, key = ""] of body.toString().matchAll(/<Key>(.*?)<\/Key>/g))
      objects.delete(`${bucket}/${key}`);
    return { body: "<DeleteResult/>" };
  }

  function post(name: string, { query }: HttpRequest): Answer {
    if ("uploads" in query) {
      const id = String(uploads.size + 1);
      uploads.set(id, { name, parts: new Map() });
      return { body: `<R><UploadId>${id}</UploadId></R>` };
    }
    const parts = [...(uploads.get(String(query["uploadId"]))?.parts ?? [])].toSorted(([a], [b]) => a - b);
    if (parts.slice(0, -1).some(([, part]) => part.length < MIN_PART_BYTES))
      throw new Refusal(400, "EntityTooSmall");
    objects.set(name, Buffer.concat(parts.map(([, part]) => part)));
    return { body: "<R/>" };
  }

  function answer(request: HttpRequest, body: Buffer): Answer {
    asked(request);
    const name = decodeURIComponent(request.path.slice(1));
    switch (request.method) {
      case "PUT":
        return put(name, request, body);
      case "POST":
        return "delete" in request.query ? removeSome(name.replace(/\/$/, ""), body) : post(name, request);
      case "DELETE":
        uploads.delete(String(request.query["uploadId"]));
        return { status: 204 };
      default:
        return "list-type" in request.query ? list(name.replace(/\/$/, ""), request) : read(name, request);
    }
  }

  const client = endpoint((request, body) => {
    try {
      return answer(request, body);
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  });
  return { objects, client: { ...client, forcePathStyle: true } };
}

/** Cached, because large objects are read in many requests. */
const etags = new WeakMap<Buffer, string>();

function etagOf(bytes: Buffer): string {
  const etag = etags.get(bytes) ?? `"${createHash("md5").update(bytes).digest("hex")}"`;
  etags.set(bytes, etag);
  return etag;
}

/** `end` is exclusive. */
function rangeOf(range: string | undefined): { start: number; end: number } {
  const [, start = "0", end = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  return { start: Number(start), end: end === "" ? Infinity : Number(end) + 1 };
}
