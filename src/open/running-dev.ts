/** A `fanjoin dev` that owns a directory: it takes batches of the jobs that it has loaded. */
import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../core/json/json.ts";
import { count, jsonOrNull, matching, object, text } from "../core/json/shape.ts";
import { lockHolder } from "../local/directory/lock.ts";
import { DEV_FILE } from "../local/directory/files/own-files.ts";
import { jobFileAt } from "./load-job.ts";

export interface RunningDev {
  readonly pid: number;
  /** On this machine. */
  readonly endpoint: string;
  readonly token: string;
  /** Job files, by the names of the jobs. */
  readonly jobs: { readonly [name: string]: string };
}

const form = object({
  pid: count,
  endpoint: matching(/^http:\/\/127\.0\.0\.1:\d+$/),
  token: text,
});

/** Tells other processes of this user. Returns a function that takes it back. */
export function announceDev(directory: string, dev: RunningDev): () => void {
  const path = join(directory, DEV_FILE);
  rmSync(`${path}.new`, { force: true });
  // It has the token.
  writeFileSync(`${path}.new`, JSON.stringify(dev), { flag: "wx", mode: 0o600 });
  renameSync(`${path}.new`, path);
  return () => rmSync(path, { force: true });
}

/** The `fanjoin dev` that runs in the directory, and the name that it has for the job; `null`: none does. */
export function devFor(directory: string, job: string | URL): (RunningDev & { readonly job: string }) | null {
  const holder = lockHolder(directory);
  if (holder === null) return null;
  const dev = readDev(join(directory, DEV_FILE));
  // A file that an earlier `dev` left behind, or that came with the directory, has another process's id.
  if (dev === null || dev.pid !== holder.pid) return null;
  const file = realpathSync(jobFileAt(job));
  const [name] = Object.keys(dev.jobs).filter((known) => dev.jobs[known] === file);
  return name === undefined ? null : { ...dev, job: name };
}

function readDev(path: string): RunningDev | null {
  let read: string;
  try {
    read = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  const dev = jsonOrNull(read);
  const isDev = form(dev) === null && isObject(dev) && isObject(dev["jobs"]);
  return isDev ? (dev as unknown as RunningDev) : null;
}
