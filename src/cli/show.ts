/** `fanjoin show`: one batch as it is now. */
import { Command } from "commander";
import { withDirectory } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { currentSummary } from "./follow.ts";
import { withJson } from "./options.ts";
import type { JsonOption } from "./options.ts";
import { tell } from "./tell.ts";

export function showCommand(): Command {
  const command = new Command("show")
    .description("show a batch: its state, its counts, where its files are")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withDirectory(command), "the batch summary").action(
    async (batch: string, options: DirectoryOption & JsonOption) => {
      await tell(await currentSummary(batch, options), options);
    },
  );
}
