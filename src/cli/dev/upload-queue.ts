/** Batches of uploads, one start after the other, whoever tells of a file. */
import { join } from "node:path";
import { FanjoinError, reasonOf } from "../../core/errors.ts";
import type { ApiHost } from "../../api/host.ts";
import { startUpload } from "./start-upload.ts";
import { watchUploads } from "./watch-uploads.ts";
import type { UploadWatch } from "./watch-uploads.ts";

export interface Uploads {
  /** An object of the bucket is whole; resolves when its batch has been started, if it has one. */
  arrived(key: string): Promise<void>;
  /** Begins to watch the folder. */
  watch(): void;
  /** Resolves when no start is under way any more. */
  close(): Promise<void>;
}

export interface UploadsOptions {
  readonly host: ApiHost;
  readonly folder: string;
  readonly say: (line: string) => void;
}

const KEYS = "uploads/";

export function createUploads({ host, folder, say }: UploadsOptions): Uploads {
  let watching: UploadWatch | null = null;
  let last = Promise.resolve();

  async function start(path: string): Promise<void> {
    const [job = "", ...rest] = path.split("/");
    try {
      if (rest.length === 0)
        throw new FanjoinError("INPUT_INVALID", "a file has to be in the folder of a job");
      await startUpload(host, job, rest.join("/"), join(folder, path));
    } catch (error) {
      say(`${join(folder, path)} starts no batch: ${reasonOf(error)}`);
    }
  }

  function enqueue(path: string): Promise<void> {
    last = last.then(() => start(path));
    return last;
  }

  return {
    async arrived(key) {
      if (key.startsWith(KEYS)) await enqueue(key.slice(KEYS.length));
    },
    watch() {
      const report = (error: unknown): void => say(`${folder} cannot be watched: ${reasonOf(error)}`);
      watching = watchUploads(folder, (path) => void enqueue(path), report);
    },
    async close() {
      await watching?.close();
      await last;
    },
  };
}
