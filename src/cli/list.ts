/** `fanjoin list`: the batches of a directory. */
import { Command } from "commander";
import { summarize } from "../steps/summary.ts";
import type { BatchSummary } from "../steps/summary.ts";
import { locateIn, look, withDirectory } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { count } from "./figures.ts";
import { withJson } from "./options.ts";
import type { JsonOption } from "./options.ts";
import { allBatches } from "../steps/batches.ts";
import { print, printJson } from "./standard-output.ts";

type ListOptions = DirectoryOption & JsonOption;

export function listCommand(): Command {
  const command = new Command("list").description("list the batches of a directory, the newest first");
  return withJson(withDirectory(command), "an array of batch summaries").action(list);
}

async function list(options: ListOptions): Promise<void> {
  const batches = await look(options, async (ledger) => {
    const found: BatchSummary[] = [];
    for await (const { batch, fields } of allBatches(ledger)) {
      found.push(await summarize(ledger, batch, fields, locateIn(options)));
    }
    return found.toReversed();
  });
  if (options.json) printJson(batches);
  else if (batches.length === 0) console.error(`there are no batches in ${options.dir} yet`);
  else print(table(batches));
}

const HEAD = ["batch", "job", "state", "items", "failed", "created"];

export function table(batches: readonly BatchSummary[]): string {
  const rows = [HEAD, ...batches.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => padded(cell, column, widths))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function row({ batch, job, state, items, createdAt }: BatchSummary): string[] {
  const known = items.total ?? items.succeeded + items.failed;
  const created = createdAt.replace("T", " ").slice(0, 19);
  return [batch, job, state, count(known), count(items.failed), `${created}Z`];
}

function padded(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  const isNumber = HEAD[column] === "items" || HEAD[column] === "failed";
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}
