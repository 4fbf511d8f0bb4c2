/** A batch that this process runs. */
import { parseSpec, readBatch } from "../../batch/spec.ts";
import type { Progress } from "../../batch/progress.ts";
import { summarize } from "../../batch/summary.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Engine } from "../../local/engine/engine.ts";
import { BatchStopped } from "../error-text.ts";
import type { BatchSource } from "../follow/follow-batch.ts";
import { STOPPING } from "../follow/interrupts.ts";
import { resumeCommand } from "../shell-command.ts";
import { filesIn, locateIn, readDirectory } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import type { LogDisplay } from "./with-engine.ts";
import { say } from "../display/standard-error.ts";

const SHOW_MS = 100;

export interface EngineBatch {
  readonly engine: Engine;
  readonly log: LogDisplay;
  readonly batch: string;
  readonly job: string;
}

export function engineSource(
  { engine, log, batch, job }: EngineBatch,
  { dir }: DirectoryOption,
): BatchSource {
  return {
    batch,
    job,
    announce: true,
    read: filesIn({ dir }),
    async watch(display, signal) {
      log.display = display;
      const timer = setInterval(() => display.show(engine.progress(batch)), SHOW_MS);
      signal.addEventListener("abort", () => {
        clearInterval(timer);
        log.display = null;
      });
      const fields = await engine.finished(batch);
      return {
        progress: finalProgress(engine.progress(batch), fields),
        async summarize() {
          const summary = await summarize(engine.ledger, batch, fields, locateIn({ dir }));
          // A reader of the outcome finds the directory free.
          await engine.stop();
          return summary;
        },
      };
    },
    async leave() {
      say(STOPPING);
      await engine.stop();
      const summary = await recordedSummary(batch, { dir });
      if (summary === null) return { summary, advice: "interrupted: no batch was started" };
      return {
        summary,
        advice: `interrupted, nothing is lost. To continue:\n  ${await resumeFrom(batch, dir)}`,
      };
    },
    async explain(cause) {
      // The engine has just reported why it cannot continue.
      await engine.stop().catch(() => undefined);
      // If the directory cannot be read either, there is no summary.
      const summary = await recordedSummary(batch, { dir }).catch(() => null);
      const resume = await resumeFrom(batch, dir).catch(() =>
        resumeCommand({ batch, directory: dir, jobFile: null }),
      );
      return { error: new BatchStopped(resume, cause), summary };
    },
  };
}

/** 100 % unless the batch ended early: some bytes of an input, such as a header, belong to no chunk. */
function finalProgress(progress: Progress, ended: Fields): Progress {
  const { totals } = progress;
  return ended["ending"] === undefined ? { ...progress, units: totals.units } : progress;
}

/** The command that resumes the batch, as its record is now. */
export async function resumeFrom(batch: string, directory: string): Promise<string> {
  const fields = await readDirectory({ dir: directory }, (ledger) => readBatch(ledger, batch));
  const jobFile = fields ? parseSpec(batch, fields).jobFile : null;
  return resumeCommand({ batch, directory, jobFile });
}

/** `null` if the batch was not submitted. */
function recordedSummary(batch: string, option: DirectoryOption): Promise<BatchSummary | null> {
  return readDirectory(option, async (ledger) => {
    const fields = await readBatch(ledger, batch);
    return fields && summarize(ledger, batch, fields, locateIn(option));
  });
}
