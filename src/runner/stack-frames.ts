/** Finds the frames of a stack that are in the job's own files. */
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A longer stack is not read to its end. */
const MAX_CHARS = 16 * 1024;
/** A longer frame is cut. */
const MAX_FRAME_CHARS = 300;

/**
 * This package's own files. In a bundle there is no folder of its own, and frames of fanjoin cannot be told
 * from those of the job.
 */
const OURS = /^(.*\/)src\/runner\/stack-frames\.[jt]s$/.exec(import.meta.url)?.[1];
/** As it is when the command begins. */
const cwd = cwdOrRoot();

/**
 * The frames in the job's own files, as `fn (file:line:column)`; if there are none, those in packages. Paths
 * are relative to the working directory. `stack` is what an error says of itself; its `message` is left out.
 */
export function userFrames(stack: unknown, message: string): string[] {
  if (typeof stack !== "string") return [];
  // The message may have lines that look like frames.
  const after = message === "" ? 0 : stack.indexOf(message) + 1 && stack.indexOf(message) + message.length;
  const lines = stack.slice(after, after + MAX_CHARS).split("\n");
  const frames = lines.map(frameIn).filter((frame) => frame !== null);
  const own = frames.filter(({ path }) => !path.includes("/node_modules/"));
  return (own.length > 0 ? own : frames).map(({ text }) => text);
}

interface Frame {
  readonly path: string;
  readonly text: string;
}

/** `null` for other lines, and for frames within Node or fanjoin. */
function frameIn(line: string): Frame | null {
  const [, name = "", place = ""] = FRAME.exec(line) ?? [];
  const [, file = "", position = ""] = /^(.*?)(?:\?[^:]*)?(:\d+:\d+)$/.exec(place) ?? [];
  if (OURS !== undefined && isOurs(file, OURS)) return null;
  const path = pathOf(file);
  if (path === null) return null;
  const at = `${relative(cwd, path)}${position}`;
  const text = name === "" ? at : `${name} (${at})`;
  return { path, text: text.length > MAX_FRAME_CHARS ? `…${text.slice(-MAX_FRAME_CHARS)}` : text };
}

/** `at fn (place)`, `at async fn (place)`, `at place`. */
const FRAME = /^\s+at (?:async )?(?:(.+?) \()?((?:file:\/\/|\/|[A-Za-z]:\\).*?)\)?$/;

function isOurs(file: string, root: string): boolean {
  const folders = [`${root}src/`, `${root}bin/`];
  return folders.some((folder) => file.startsWith(folder) || file.startsWith(fileURLToPath(folder)));
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
