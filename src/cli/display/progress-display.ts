/**
 * Shows how far a batch is, on standard error: one line that changes on a terminal, a plain line now and then
 * elsewhere.
 */
import { statusLine } from "./status-line.ts";
import { rateMeter } from "./rate.ts";
import { paintFor, plainLine, terminalLine } from "./progress-line.ts";
import type { Progress } from "../../batch/progress.ts";
import type { ProgressView } from "./progress-line.ts";

export interface ProgressDisplay {
  /** The batch runs now. */
  begin(batch: string): void;
  show(progress: Progress): void;
  /** Prints a line that stays. */
  print(line: string): void;
  /** Takes the line away; with `last` it stays, as it was in the end. */
  end(last?: Progress): void;
}

export const PLAIN_EVERY_MS = 5000;

export function progressDisplay(job: string, quiet: boolean, stream = process.stderr): ProgressDisplay {
  if (quiet) return silent(stream);
  return stream.isTTY ? terminalDisplay(job, stream) : plainLines(job, stream);
}

function silent(stream: NodeJS.WriteStream): ProgressDisplay {
  return { begin() {}, show() {}, print: (line) => void stream.write(`${line}\n`), end() {} };
}

function plainLines(job: string, stream: NodeJS.WriteStream): ProgressDisplay {
  const meter = rateMeter();
  let lastMs = performance.now();
  return {
    ...silent(stream),
    begin: (batch) => void stream.write(`${job}: batch ${batch} runs\n`),
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
    print: (text) => line.print(text),
    end(last) {
      line.clear();
      if (last) stream.write(`${terminalLine(viewOf(job, last, meter), stream.columns, paint)}\n`);
    },
  };
}

function viewOf(job: string, progress: Progress, meter: ReturnType<typeof rateMeter>): ProgressView {
  const { succeeded, failed, units } = progress.totals;
  // In a redrive those that fail again are no news.
  const items = typeof progress.failedBefore !== "number" ? succeeded + failed : succeeded;
  const pace = meter.see({ atMs: performance.now(), items, units });
  return { job, progress, pace };
}
