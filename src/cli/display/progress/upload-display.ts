/**
 * Shows uploads on standard error: one changing line on a terminal, a plain line every few seconds elsewhere.
 */
import { escapeLine } from "../escape.ts";
import { bytes, count, duration } from "../../../format.ts";
import { PLAIN_EVERY_MS } from "./progress-display.ts";
import { fitted, inWords, paintFor, percent } from "./progress-line.ts";
import type { Fact } from "./progress-line.ts";
import { rateMeter } from "./rate.ts";
import { isLive } from "../standard-error.ts";
import { statusLine } from "./status-line.ts";

export interface UploadDisplay {
  /** Adds sent bytes. A negative number takes back bytes that have to be sent again. */
  sent(bytes: number): void;
  /** Removes the line. If everything was uploaded, that is printed. */
  end(isWhole: boolean): void;
}

interface UploadSize {
  readonly label: string;
  readonly bytes: number;
}

export function uploadDisplay(
  files: readonly UploadSize[],
  quiet: boolean,
  stream = process.stderr,
  env = process.env,
): UploadDisplay {
  if (quiet || files.length === 0) return { sent() {}, end() {} };
  const what = files.length === 1 ? escapeLine(files[0]?.label ?? "") : `${count(files.length)} files`;
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const meter = rateMeter();
  let done = 0;
  let isOver = false;
  const progress = (): Fact[] => {
    const speed = meter.add({ atMs: performance.now(), items: 0, units: done });
    return facts(done, total, speed?.unitsPerSecond ?? null);
  };
  const line = statusLine(stream, () => {
    const view = { head: "uploading", fraction: done / total, facts: [{ text: what }, ...progress()] };
    return fitted(view, stream.columns, paintFor(stream));
  });
  const plain = throttled(() => stream.write(`${inWords(`uploading ${what}`, progress())}\n`));

  return {
    sent(more) {
      done += more;
      if (isLive(stream, env)) line.show();
      else plain();
    },
    end(isWhole) {
      if (isOver) return;
      isOver = true;
      line.clear();
      if (isWhole) stream.write(`uploaded ${what}, ${bytes(total)}\n`);
    },
  };
}

/** Calls `show` at most once in `PLAIN_EVERY_MS`, and not at the beginning. */
function throttled(show: () => void): () => void {
  let lastMs = performance.now();
  return () => {
    const nowMs = performance.now();
    if (nowMs - lastMs < PLAIN_EVERY_MS) return;
    lastMs = nowMs;
    show();
  };
}

function facts(done: number, total: number, bytesPerSecond: number | null): Fact[] {
  const known: Fact[] = [
    { text: `${percent(total === 0 ? 1 : done / total)} %` },
    { text: `${bytes(done)} of ${bytes(total)}` },
  ];
  if (bytesPerSecond === null || bytesPerSecond <= 0) return known;
  known.push({ text: `${bytes(Math.round(bytesPerSecond))}/s` });
  known.push({ text: `${duration((total - done) / bytesPerSecond)} left`, style: "dim" });
  return known;
}
