/** Looks up the objects that a request names. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Source } from "../../input/reader.ts";
import type { ApiHost } from "../host.ts";

export type InputHost = Pick<ApiHost, "objectName" | "listObjects" | "store">;

/**
 * `manifest` is the manifest that lists the object; `null` if the request names it. Throws `INPUT_FORBIDDEN`
 * before anything is read, and `INPUT_NOT_FOUND`.
 */
export async function objectAt(host: InputHost, url: string, manifest: string | null): Promise<Source> {
  const name = host.objectName(url);
  const stat = await host.store.stat(name);
  if (stat) return { name, label: url, size: stat.bytes, version: stat.version };
  const from = manifest === null ? "" : `, which the manifest ${manifest} lists`;
  throw new FanjoinError("INPUT_NOT_FOUND", `there is no object ${url}${from}`);
}
