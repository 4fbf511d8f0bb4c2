/** The batches of a directory on this machine. Reading them does not need to own the directory. */
import { allBatches } from "../../batch/list.ts";
import { summarize } from "../../batch/summary.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import { lockHolder } from "../../local/directory/lock.ts";
import type { Batches } from "../batches.ts";
import { fanjoinCommand, inDirectory } from "../shell-command.ts";
import { cancelLocally } from "./cancel-locally.ts";
import { filesIn, locateIn, openReadOnly } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { resumeFrom } from "./follow-engine.ts";
import { currentSummary } from "./pick-batch.ts";
import { redriveLocally } from "./redrive-locally.ts";
import { resumeLocally } from "./resume-locally.ts";

export function directoryBatches({ dir }: DirectoryOption): Batches {
  return {
    where: `in ${dir}`,
    find: (prefix) => currentSummary(prefix, { dir }),
    list: () => listed({ dir }),
    read: filesIn({ dir }),
    cancel: (batch, options) => cancelLocally(batch, { ...options, dir }),
    redrive: (batch, filter, options) => redriveLocally(batch, filter, { ...options, dir }),
    resume: (prefix, options) => resumeLocally(prefix, { ...options, dir }),
    resumeCommand: (batch) => resumeFrom(batch, dir),
    isWorkedOn: () => lockHolder(dir) !== null,
    command: (rest) => fanjoinCommand(rest, inDirectory(dir)),
    close() {},
  };
}

async function* listed(option: DirectoryOption): AsyncGenerator<BatchSummary> {
  const directory = openReadOnly(option);
  try {
    for await (const { batch, fields } of allBatches(directory.ledger, { descending: true })) {
      yield summarize(directory.ledger, batch, fields, locateIn(option));
    }
  } finally {
    directory.close();
  }
}
