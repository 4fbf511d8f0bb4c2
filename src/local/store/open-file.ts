/** One file that is open for reading. */
import { closeSync, constants, fstatSync, openSync, read as readCallback, readSync, statSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { promisify } from "node:util";
import type { ObjectStat } from "../../ports.ts";
import { NEVER_WAIT, NO_FOLLOW, refuseLink } from "../directory/files/own-files.ts";
import { fileIdentity, hasVersion, sealedVersion } from "./file-version.ts";
import { changed, notFound, reading } from "./store-error.ts";

const readLater = promisify(readCallback);

/** Reads of up to so many bytes are done at once: asking a thread of the pool would take longer. */
const AT_ONCE_BYTES = 64 * 1024;

export interface OpenFile {
  /**
   * Throws `INPUT_CHANGED` if it has another version than this one, `INPUT_NOT_FOUND` if it is not a file.
   */
  stat(version?: string): ObjectStat;
  /** Its version, with a seal. */
  sealed(): string;
  /**
   * Fills `buffer` from `position` on; fewer bytes are returned only at the end of the file. `atOnce`:
   * without a thread of the pool, however long it takes.
   */
  read(buffer: Uint8Array, position: number, atOnce?: boolean): Promise<number>;
  close(): void;
}

/**
 * A file of a user. Throws `INPUT_CHANGED` if something else is there now, `INPUT_NOT_FOUND`,
 * `INPUT_INVALID`.
 */
export function openForReading(path: string): OpenFile {
  const fd = reading(path, () => {
    try {
      return openSync(path, constants.O_RDONLY | NEVER_WAIT);
    } catch (error) {
      // A socket cannot be opened.
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      throw stats && !stats.isFile() ? changed(path, kindOf(stats)) : error;
    }
  });
  return opened(path, fd);
}

/** A file of fanjoin's own. Throws `DIRECTORY_UNUSABLE` if it is a link: that may lead to any file. */
export function openOwnForReading(path: string): OpenFile {
  const fd = reading(path, () => {
    try {
      return openSync(path, constants.O_RDONLY | NO_FOLLOW | NEVER_WAIT);
    } catch (error) {
      refuseLink(path);
      throw error;
    }
  });
  return opened(path, fd);
}

function opened(path: string, fd: number): OpenFile {
  return {
    stat(version) {
      const stats = fstatSync(fd, { bigint: true });
      if (!stats.isFile()) throw version === undefined ? notFound(path) : changed(path, kindOf(stats));
      if (version !== undefined && !hasVersion(fd, stats, version)) throw changed(path);
      return statOf(stats);
    },
    sealed: () => reading(path, () => sealedVersion(fd)),
    async read(buffer, position, atOnce = false) {
      let done = 0;
      while (done < buffer.length) {
        const wanted = buffer.length - done;
        const bytesRead =
          atOnce || wanted <= AT_ONCE_BYTES
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

/** What a path that is not a file leads to. */
function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a pipe";
  if (stats.isSocket()) return "a socket";
  return "a device";
}

export function statOf(stats: BigIntStats): ObjectStat {
  return { bytes: Number(stats.size), version: fileIdentity(stats) };
}
