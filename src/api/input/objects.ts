/** Looks up the objects that a request names. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Source } from "../../input/reader.ts";
import type { ApiHost } from "../host.ts";

export type InputHost = Pick<ApiHost, "objectName" | "checkPrefix" | "store">;

/** Throws `INPUT_FORBIDDEN` before anything is read, and `INPUT_NOT_FOUND`. */
export async function objectAt(host: InputHost, url: string): Promise<Source> {
  const name = host.objectName(url);
  const stat = await host.store.stat(name);
  if (stat) return { name, label: url, size: stat.bytes, version: stat.version };
  throw new FanjoinError("INPUT_NOT_FOUND", `there is no object ${url}`);
}
