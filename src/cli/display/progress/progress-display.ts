/**
 * Shows progress on standard error: one changing line on a terminal, a plain line every few seconds
 * elsewhere.
 */
import type { Progress } from "../../../batch/summary/progress.ts";
import { paintFor, plainLine, terminalLine } from "./progress-line.ts";
import type { ProgressView } from "./progress-line.ts";
import { rateMeter } from "./rate.ts";
import { escapeControls, escapeLine } from "../escape.ts";
import { isLive } from "../standard-error.ts";
import { statusLine } from "./status-line.ts";

export interface ProgressDisplay {
  /** Called once the batch runs. */
  begin(batch: string): void;
  show(progress: Progress): void;
  /** Prints a line that stays, above the changing line. */
  print(line: string): void;
  /** Removes the changing line. With `last`, it is printed once more and stays. */
  end(last?: Progress): void;
}

export const PLAIN_EVERY_MS = 5000;

export function progressDisplay(
  job: string,
  quiet: boolean,
  stream = process.stderr,
  env = process.env,
): ProgressDisplay {
  if (quiet) return silent(stream);
  const head = escapeLine(job);
  return isLive(stream, env) ? terminalDisplay(head, stream) : plainLines(head, stream);
}

function silent(stream: NodeJS.WriteStream): ProgressDisplay {
  return { begin() {}, show() {}, print: (line) => void stream.write(`${escapeControls(line)}\n`), end() {} };
}

function plainLines(job: string, stream: NodeJS.WriteStream): ProgressDisplay {
  const meter = rateMeter();
  let lastMs = performance.now();
  return {
    ...silent(stream),
    begin: (batch) => void stream.write(`${job}: batch ${escapeLine(batch)} runs\n`),
    show(progress) {
      const view = viewOf(job, progress, meter);
      if (performance.now() - lastMs < PLAIN_EVERY_MS) return;
      lastMs = performance.now();
      stream.write(`${plainLine(view)}\n`);
    },
  };
}

function terminalDisplay(job: string, stream: NodeJS.WriteStream): ProgressDisplay {
  const meter = rateMeter();
  const paint = paintFor(stream);
  let view: ProgressView | null = null;
  const line = statusLine(stream, () => (view ? terminalLine(view, stream.columns, paint) : ""));
  return {
    begin() {},
    show(progress) {
      view = viewOf(job, progress, meter);
      line.show();
    },
    print: (text) => line.print(escapeControls(text)),
    end(last) {
      line.clear();
      if (last) stream.write(`${terminalLine(viewOf(job, last, meter), stream.columns, paint)}\n`);
    },
  };
}

function viewOf(job: string, progress: Progress, meter: ReturnType<typeof rateMeter>): ProgressView {
  const { succeeded, failed, units } = progress.totals;
  // In a redrive, items that failed before count as failed from the start.
  const items = typeof progress.failedBefore !== "number" ? succeeded + failed : succeeded;
  const speed = meter.add({ atMs: performance.now(), items, units });
  return { job, progress, speed };
}
