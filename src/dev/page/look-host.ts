/** The API's host of a directory that is only looked at: `fanjoin ui`, and `fanjoin run --open`. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApiHost } from "../../api/host.ts";
import { RequestError } from "../../api/problem.ts";
import { FILE_FORMATS } from "../../api/handlers/show-file.ts";
import { NO_PACE } from "../../batch/summary/pace.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { hasEnded } from "../../core/records/batch/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import { readHistory } from "../../local/directory/files/history-file.ts";
import { workedOnIn } from "../../local/directory/lock.ts";
import { pullHere } from "../../local/directory/pull-here.ts";
import { createLocalStore } from "../../local/store/store.ts";
import { directoryReader } from "../../open/directory-files.ts";
import type { Engine } from "../../local/engine/engine.ts";
import { signedPath } from "../http/access.ts";
import type { Permit } from "../http/access.ts";

export interface LookHostOptions {
  readonly directory: string;
  readonly token: string;
  readonly base: () => string;
  readonly report: (error: unknown) => void;
  readonly forCallers: (message: string) => string;
  /** Of this process, if it runs batches of the directory. */
  readonly engine: () => Pick<Engine, "pace" | "seen" | "isWorkedOn"> | null;
}

const READ_MS = 15 * 60 * 1000;

export function lookHost(options: LookHostOptions): ApiHost {
  const { directory, token, base, report, forCallers, engine } = options;
  // It makes files only for what is written.
  const store = createLocalStore({ directory, segmentName: "ui" });
  const owned = new Map<string, Fields>();
  const jobs = new Set<string>();
  const records = directoryReader(directory);
  const ledger: ApiHost["ledger"] = {
    read: (keys, how) => records.read(keys, how).then(noted(keys)),
    async list(...asked) {
      const page = await records.list(...asked);
      for (const { key, fields } of page) note(key, fields);
      return page;
    },
    update: refused,
  };

  /** Whether a batch is worked on, its record says; and which job it is of. */
  function note(key: string, fields: Fields | null): void {
    if (!key.startsWith("batch/") || !fields) return;
    if (typeof fields["job"] === "string") jobs.add(fields["job"]);
    if (hasEnded(fields)) owned.delete(key);
    else owned.set(key, fields);
  }

  function noted(keys: readonly string[]) {
    return (records: (Fields | null)[]): (Fields | null)[] => {
      for (const [place, fields] of records.entries()) note(keys[place] ?? "", fields);
      return records;
    };
  }

  return {
    ledger,
    store,
    get jobs() {
      return [...jobs].toSorted();
    },
    async describe(job) {
      throw new FanjoinError(
        "JOB_INVALID",
        `the code of ${job} is not loaded: start \`fanjoin dev\` with its file`,
      );
    },
    objectName: () => refused(),
    checkPrefix: () => refused(),
    storeInput: refused,
    submit: refused,
    cancel: refused,
    pause: refused,
    resume: refused,
    refusedSettings: { threads: LOOKS, priority: LOOKS },
    set: refused,
    redrive: refused,
    remove: refused,
    isWorkedOn(batch) {
      const fields = owned.get(`batch/${batch}`);
      return engine()?.isWorkedOn(batch) === true || (fields !== undefined && workedOnIn(directory)(fields));
    },
    pace: (batch) => engine()?.pace(batch) ?? NO_PACE,
    seen: async (batch) => engine()?.seen(batch) ?? readHistory(directory, batch),
    readList: (name, start, end) => store.read(name, start, end),
    wait: (ms) => sleep(ms, undefined, { ref: false }),
    // Until its owner has published it, it has the name that the ledger has.
    fileName: (batch, file, name) =>
      existsSync(join(directory, name)) ? name : `batches/${batch}/${file}.${FILE_FORMATS[file].ending}`,
    chunksToPull: (batch, wanted) => pullHere(directory, ledger, batch, wanted),
    async signedGet(name, how) {
      const permit: Permit = { method: "GET", name, expiresAt: Date.now() + READ_MS, ...how };
      return base() + signedPath(permit, token);
    },
    signedPut: refused,
    newBatch: () => "",
    now: Date.now,
    report,
    forCallers,
  };
}

const LOOKS = "this page only looks: use the command";

function refused(): never {
  throw new RequestError(403, "REQUEST_FORBIDDEN", LOOKS);
}
