/**
 * The open chunks of each thread, in a file of its own below `journal/`. The next owner of the directory
 * reads them after the whole process has died. The file is not synced, because it only has to survive the
 * process. A clean stop leaves no such files.
 */
import { constants, existsSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ChunkMessage } from "../../core/records/message.ts";
import { anything, count, list, maybe, object } from "../../core/json/shape.ts";
import { makeDirectory } from "../directory/files/make-directory.ts";
import { NO_FOLLOW } from "../directory/files/own-files.ts";
import { batchId } from "../records/forms.ts";
import { writing } from "../store/store-error.ts";

const FOLDER = "journal";
/** The name of a thread, and of its journal. */
const JOURNAL = /^[0-9A-Za-z-]+$/;

/** The work of one thread: a bundle of chunks of one batch. */
export interface OpenWork {
  readonly batch: string;
  readonly generation: number;
  readonly chunks: readonly number[];
  /** Beside chunks that are parts of chunks: their numbers. Absent: none is. */
  readonly parts?: readonly (number | null)[];
  /** In a careful attempt: the place of the open item within its chunk, from 0. */
  readonly item: number | null;
}

export interface ThreadJournal {
  /** A bundle that is run from now on, under a number of its own. Throws `DIRECTORY_UNUSABLE`. */
  begin(id: number, chunks: readonly ChunkMessage[]): void;
  /** The open item of the only chunk that is run; `null` when it is closed. */
  item(index: number | null): void;
  /**
   * The bundle is done. `another`: one more begins at once, and both are one write. A process that dies in
   * between is counted against chunks that are done; a single death is not evidence. For that reason it does
   * not throw where the file cannot be written: the next `begin` does.
   */
  end(id: number, another?: boolean): void;
}

/** `name` is the thread's own. */
export function createThreadJournal(directory: string, name: string): ThreadJournal {
  const path = join(directory, FOLDER, name);
  let fd: number | null = null;
  const open = new Map<number, OpenWork>();
  // Written at the beginning each time. The rest of a longer line is not read.
  const write = (line: string): void =>
    writing(path, () => {
      fd ??= create(path);
      writeSync(fd, `${line}\n`, 0);
    });
  return {
    begin(id, messages) {
      const [first] = messages;
      if (!first) return;
      const { batch, generation } = first;
      const chunks = messages.map(({ chunk }) => chunk);
      open.set(id, { batch, generation, chunks, ...partsIn(messages), item: null });
      write(JSON.stringify([...open.values()]));
    },
    item: (index) => write(JSON.stringify(Array.from(open.values(), (work) => ({ ...work, item: index })))),
    end(id, another = false) {
      if (!open.delete(id) || another) return;
      try {
        write(JSON.stringify([...open.values()]));
      } catch {
        // The chunks are done, whatever the file says.
      }
    },
  };
}

function partsIn(messages: readonly ChunkMessage[]): Pick<OpenWork, "parts"> {
  if (messages.every(({ kind }) => kind !== "part")) return {};
  return { parts: messages.map((message) => (message.kind === "part" ? message.part : null)) };
}

function create(path: string): number {
  makeDirectory(dirname(path));
  const { O_CREAT, O_TRUNC, O_WRONLY } = constants;
  return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | NO_FOLLOW);
}

const openWork = list(
  object({ batch: batchId, generation: count, chunks: list(count), parts: maybe(list(anything)) }),
);

/** The work that the thread `name` had open when it died. */
export function readThreadJournal(directory: string, name: string): OpenWork[] {
  try {
    const [line = ""] = readFileSync(join(directory, FOLDER, name), "utf8").split("\n");
    const work: unknown = JSON.parse(line);
    return openWork(work) === null ? (work as OpenWork[]) : [];
  } catch {
    // It had nothing open, or died before it could say so.
    return [];
  }
}

/** The names of all journals: of running threads, and of those that died with their process. */
export function threadJournals(directory: string): string[] {
  const folder = join(directory, FOLDER);
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && JOURNAL.test(entry.name)).map(({ name }) => name);
}

/**
 * The thread `name` has nothing open, or its open work is known. A file that stays counts at most as one more
 * death, so it is no error.
 */
export function removeThreadJournal(directory: string, name: string): void {
  try {
    rmSync(join(directory, FOLDER, name), { force: true });
  } catch {
    // The folder cannot be used: the next journal that is written in it says so.
  }
}
