/** The batches of a directory of this machine. Whoever looks at them need not own it. */
import { allBatches } from "../../batch/list.ts";
import { summarize } from "../../batch/summary.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import { lockHolder } from "../../local/directory/lock.ts";
import type { Batches } from "../batches.ts";
import { cancelHere } from "./cancel.ts";
import { filesIn, locateIn, openToLook } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { currentSummary } from "./follow-engine.ts";
import { redriveHere } from "./redrive.ts";
import { fanjoinCommand, inDirectory } from "../shell-command.ts";
import { resumeHere } from "./resume.ts";

export function directoryBatches({ dir }: DirectoryOption): Batches {
  return {
    where: `in ${dir}`,
    find: (given) => currentSummary(given, { dir }),
    list: () => listed({ dir }),
    read: filesIn({ dir }),
    cancel: (batch) => cancelHere(batch, { dir }),
    redrive: (batch, filter, options) => redriveHere(batch, filter, { ...options, dir }),
    resume: (given, options) => resumeHere(given, { ...options, dir }),
    isWorkedOn: () => lockHolder(dir) !== null,
    command: (rest) => fanjoinCommand(rest, inDirectory(dir)),
    close() {},
  };
}

async function* listed(option: DirectoryOption): AsyncGenerator<BatchSummary> {
  const directory = openToLook(option);
  try {
    for await (const { batch, fields } of allBatches(directory.ledger, { descending: true })) {
      yield summarize(directory.ledger, batch, fields, locateIn(option));
    }
  } finally {
    directory.close();
  }
}
