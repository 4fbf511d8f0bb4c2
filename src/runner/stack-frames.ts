/** Finds the frames of a stack that are in the job's own files. */
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A longer stack is not read to its end. */
const MAX_CHARS = 16 * 1024;
/** A longer line is no frame. */
const MAX_LINE_CHARS = 2000;
/** A longer frame is cut. */
const MAX_FRAME_CHARS = 300;

/**
 * The folders of this package's own files; the published package has its code in `chunks/`. A function's
 * bundle has none, and frames of fanjoin cannot be told from those of the job.
 */
const OURS = ownFolders();
/** As it is when the command begins. */
const cwd = cwdOrRoot();

/**
 * The frames in the job's own files, as `fn (file:line:column)`; if there are none, those in packages. Paths
 * are relative to the working directory. `stack` is what an error says of itself; its `message` is left out.
 */
export function userFrames(stack: unknown, message: string): string[] {
  if (typeof stack !== "string") return [];
  // The message may have lines that look like frames.
  const at = message === "" ? -1 : stack.indexOf(message);
  const after = at < 0 ? 0 : at + message.length;
  const own: string[] = [];
  const others: string[] = [];
  for (const line of stack.slice(after, after + MAX_CHARS).split("\n")) {
    const frame = line.length > MAX_LINE_CHARS ? null : frameIn(line);
    if (frame) (frame.inPackage ? others : own).push(frame.text);
  }
  return own.length > 0 ? own : others;
}

interface Frame {
  readonly text: string;
  readonly inPackage: boolean;
}

/** `null` for other lines, and for frames within Node or fanjoin. */
function frameIn(line: string): Frame | null {
  const [, name = "", file = "", position = ""] = FRAME.exec(line) ?? [];
  const known = file === "" ? null : fileAt(file);
  if (known === null) return null;
  const at = `${known.shown}${position}`;
  const text = name === "" ? at : `${name} (${at})`;
  return {
    text: text.length > MAX_FRAME_CHARS ? `…${text.slice(-MAX_FRAME_CHARS)}` : text,
    inPackage: known.inPackage,
  };
}

/** `at fn (file:line:column)`, `at async fn (…)`, `at file:line:column`. */
const FRAME = /^\s+at (?:async )?(?:(.+?) \()?((?:file:\/\/|\/|[A-Za-z]:\\).*?)(?:\?[^:]*)?(:\d+:\d+)\)?$/;

interface KnownFile {
  /** Relative to the working directory. */
  readonly shown: string;
  readonly inPackage: boolean;
}

/** A job that fails often fails in the same few files. */
const files = new Map<string, KnownFile | null>();
const MAX_FILES = 1000;

/** `null` for fanjoin's own files, and what is no file. */
function fileAt(file: string): KnownFile | null {
  const known = files.get(file);
  if (known !== undefined) return known;
  if (files.size >= MAX_FILES) files.clear();
  const path = isOurs(file) ? null : pathOf(file);
  const found =
    path === null ? null : { shown: relative(cwd, path), inPackage: path.includes("/node_modules/") };
  files.set(file, found);
  return found;
}

function isOurs(file: string): boolean {
  return OURS.some((folder) => file.startsWith(folder));
}

/** As URLs and as paths: a stack may have either. */
function ownFolders(): string[] {
  try {
    const root = import.meta.resolve("fanjoin/package.json");
    const folders = ["src/", "bin/", "chunks/"].map((name) => new URL(name, root).href);
    return [...folders, ...folders.map((folder) => fileURLToPath(folder))];
  } catch {
    return [];
  }
}

function pathOf(file: string): string | null {
  try {
    const path = file.startsWith("file://") ? fileURLToPath(file) : file;
    return isAbsolute(path) ? path : null;
  } catch {
    return null;
  }
}

function cwdOrRoot(): string {
  try {
    return process.cwd();
  } catch {
    // The directory was removed.
    return "/";
  }
}
