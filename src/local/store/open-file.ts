/** One file that is open for reading. */
import { closeSync, constants, fstatSync, openSync, read as readCallback, readSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { promisify } from "node:util";
import type { ObjectStat } from "../../ports.ts";
import { NO_FOLLOW, refuseLink } from "../directory/own-files.ts";
import { notFound, reading } from "./store-error.ts";

const readLater = promisify(readCallback);

/** Reads of up to so many bytes are done at once: asking a thread of the pool would take longer. */
const AT_ONCE_BYTES = 64 * 1024;

export interface OpenFile {
  stat(): ObjectStat;
  /** Fills `buffer` from `position` on; fewer bytes are returned only at the end of the file. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  close(): void;
}

export function openForReading(path: string): OpenFile {
  return opened(
    path,
    reading(path, () => openSync(path, "r")),
  );
}

/** A file of fanjoin's own. Throws `DIRECTORY_UNUSABLE` if it is a link: that may lead to any file. */
export function openOwnForReading(path: string): OpenFile {
  const fd = reading(path, () => {
    try {
      return openSync(path, constants.O_RDONLY | NO_FOLLOW);
    } catch (error) {
      refuseLink(path);
      throw error;
    }
  });
  return opened(path, fd);
}

function opened(path: string, fd: number): OpenFile {
  return {
    stat() {
      const stats = fstatSync(fd, { bigint: true });
      if (!stats.isFile()) throw notFound(path);
      return statOf(stats);
    },
    async read(buffer, position) {
      let done = 0;
      while (done < buffer.length) {
        const wanted = buffer.length - done;
        const bytesRead =
          wanted <= AT_ONCE_BYTES
            ? readSync(fd, buffer, done, wanted, position + done)
            : (await readLater(fd, buffer, done, wanted, position + done)).bytesRead;
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done;
    },
    close: () => closeSync(fd),
  };
}

export function statOf(stats: BigIntStats): ObjectStat {
  return { bytes: Number(stats.size), version: `${stats.size}-${stats.mtimeNs}-${stats.ino}` };
}
