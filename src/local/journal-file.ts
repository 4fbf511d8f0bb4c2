/**
 * What each thread has open, in a file of its own below `journal/`: for whoever opens the directory after the whole process has died. It is not synced, because it only has
 * to survive the process; a clean stop leaves no such files.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { ChunkMessage } from "../core/message.ts";

const FOLDER = "journal";

/** What one thread runs: chunks of one batch. */
export interface OpenWork {
  readonly batch: string;
  readonly generation: number;
  readonly chunks: readonly number[];
  /** In a careful attempt: the place of the open item within its chunk, from 0. */
  readonly item: number | null;
}

const NO_WORK: OpenWork = { batch: "", generation: 0, chunks: [], item: null };

export interface JournalFile {
  /** The chunks that are run from now on; none when they are done. */
  begin(chunks: readonly ChunkMessage[]): void;
  /** The open item of the only one of them; `null` when it is closed. */
  item(index: number | null): void;
  close(): void;
}

/** `name` is the thread's own. */
export function createJournalFile(directory: string, name: string): JournalFile {
  mkdirSync(join(directory, FOLDER), { recursive: true });
  const fd = openSync(join(directory, FOLDER, name), "w");
  let open = NO_WORK;
  // One line at the beginning; what a longer one left behind it is not read.
  const write = (line: OpenWork): void => void writeSync(fd, `${JSON.stringify(line)}\n`, 0);
  return {
    begin(messages) {
      const [first] = messages;
      if (!first) return void writeSync(fd, "\n", 0);
      const { batch, generation } = first;
      open = { batch, generation, chunks: messages.map(({ chunk }) => chunk), item: null };
      write(open);
    },
    item: (index) => write({ ...open, item: index }),
    close: () => closeSync(fd),
  };
}

/** What the thread `name` had open when it died. */
export function readJournalFile(directory: string, name: string): OpenWork {
  try {
    const [line = ""] = readFileSync(join(directory, FOLDER, name), "utf8").split("\n");
    return JSON.parse(line) as OpenWork;
  } catch {
    // It had nothing open, or died before it could say so.
    return NO_WORK;
  }
}

/** The names of all there are: of threads that run, and of those that died with their process. */
export function journalFiles(directory: string): string[] {
  const folder = join(directory, FOLDER);
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The thread `name` has nothing open, or what it had is known. */
export function removeJournalFile(directory: string, name: string): void {
  rmSync(join(directory, FOLDER, name), { force: true });
}
