/**
 * Shows how far uploads are, on standard error: one line that changes on a terminal, a plain line now and
 * then elsewhere.
 */
import { statusLine } from "./status-line.ts";
import { bytes, count, duration } from "./format.ts";
import { rateMeter } from "./rate.ts";
import type { Rate } from "./rate.ts";
import { PLAIN_EVERY_MS } from "./progress-display.ts";
import { fitted, inWords, paintFor, percent } from "./progress-line.ts";
import type { Fact } from "./progress-line.ts";

export interface UploadDisplay {
  /** So many bytes more; fewer where they have to be sent again. */
  sent(bytes: number): void;
  /** `whole`: all of it is there, and that is said. */
  end(whole: boolean): void;
}

interface Uploaded {
  readonly label: string;
  readonly bytes: number;
}

export function uploadDisplay(
  files: readonly Uploaded[],
  quiet: boolean,
  stream = process.stderr,
): UploadDisplay {
  if (quiet || files.length === 0) return { sent() {}, end() {} };
  const what = files.length === 1 ? (files[0]?.label ?? "") : `${count(files.length)} files`;
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const meter = rateMeter();
  const paint = paintFor(stream);
  let done = 0;
  let pace: Rate | null = null;
  let plainMs = performance.now();
  let isOver = false;

  const line = statusLine(stream, () => {
    pace = meter.see({ atMs: performance.now(), items: 0, units: done });
    const view = {
      head: "uploading",
      fraction: done / total,
      facts: [{ text: what }, ...facts(done, total, pace)],
    };
    return fitted(view, stream.columns, paint);
  });

  function plainly(): void {
    const nowMs = performance.now();
    if (nowMs - plainMs < PLAIN_EVERY_MS) return;
    plainMs = nowMs;
    pace = meter.see({ atMs: nowMs, items: 0, units: done });
    stream.write(`${inWords(`uploading ${what}`, facts(done, total, pace))}\n`);
  }

  return {
    sent(more) {
      done += more;
      if (stream.isTTY) line.show();
      else plainly();
    },
    end(whole) {
      if (isOver) return;
      isOver = true;
      line.clear();
      if (whole) stream.write(`uploaded ${what}, ${bytes(total)}\n`);
    },
  };
}

function facts(done: number, total: number, pace: Rate | null): Fact[] {
  const known: Fact[] = [
    { text: `${percent(total === 0 ? 1 : done / total)} %` },
    { text: `${bytes(done)} of ${bytes(total)}` },
  ];
  if (!pace || pace.unitsPerSecond <= 0) return known;
  known.push({ text: `${bytes(Math.round(pace.unitsPerSecond))}/s` });
  known.push({ text: `${duration((total - done) / pace.unitsPerSecond)} left`, style: "dim" });
  return known;
}
