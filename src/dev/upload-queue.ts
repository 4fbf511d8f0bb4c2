/** Starts batches for uploads, one after the other. Uploads come from the API and from the watched folder. */
import { join } from "node:path";
import type { ApiHost } from "../api/host.ts";
import { FanjoinError, reasonOf } from "../core/errors/errors.ts";
import { counted } from "../format.ts";
import { MISNAMED } from "../find-inputs/directory-files.ts";
import { linkIn } from "./local-bucket.ts";
import { startUpload } from "./start-upload.ts";
import { watchUploads } from "./watch-uploads.ts";
import type { UploadWatch } from "./watch-uploads.ts";

export interface UploadQueue {
  /**
   * Called when an object of the bucket is complete. Resolves once its batch has been started, if it gets
   * one.
   */
  arrived(key: string): Promise<void>;
  /** Begins to watch the folder. */
  watch(): void;
  /** Resolves once no batch is being started any more. */
  close(): Promise<void>;
}

export interface UploadQueueOptions {
  readonly host: ApiHost;
  readonly folder: string;
  readonly log: (line: string) => void;
}

const PREFIX = "uploads/";

export function uploadQueue({ host, folder, log }: UploadQueueOptions): UploadQueue {
  let watching: UploadWatch | null = null;
  let last = Promise.resolve();

  async function start(file: string): Promise<void> {
    const [job = "", ...rest] = file.split("/");
    const path = join(folder, file);
    try {
      const link = linkIn(folder, file.split("/"));
      if (link !== null)
        throw new FanjoinError("INPUT_FORBIDDEN", `${link} is a link, and links are not followed here`);
      if (rest.length === 0) throw new FanjoinError("INPUT_INVALID", "a file must be in the folder of a job");
      await startUpload(host, { job, label: rest.join("/"), path });
    } catch (error) {
      log(`${path} starts no batch: ${reasonOf(error)}`);
    }
  }

  function enqueue(file: string): Promise<void> {
    last = last.then(() => start(file));
    return last;
  }

  return {
    async arrived(key) {
      if (key.startsWith(PREFIX)) await enqueue(key.slice(PREFIX.length));
    },
    watch() {
      watching = watchUploads(folder, {
        onFile: (file) => void enqueue(file),
        onError: (error) => log(`cannot watch ${folder}: ${reasonOf(error)}`),
        onMisnamed: (path) => log(`${path} starts no batch: it ${MISNAMED.what}`),
        onIgnored: (count) => log(`${counted(count, "hidden or unfinished path")} in ${folder} left out`),
      });
    },
    async close() {
      await watching?.close();
      await last;
    },
  };
}
