/** `fanjoin list`: lists the batches of a directory or a stack. */
import { Command } from "commander";
import type { BatchSummary } from "../../batch/summary.ts";
import { positive, withJson } from "../common-options.ts";
import type { JsonOption, PlaceOptions } from "../common-options.ts";
import { escapeLine } from "../display/escape.ts";
import { count } from "../../format.ts";
import { print, printJson } from "../display/standard-output.ts";
import { say } from "../display/standard-error.ts";
import { placeOf } from "../place.ts";
import { withPlace } from "./place-option.ts";

type ListOptions = PlaceOptions & JsonOption & { readonly limit?: number };

export function listCommand(): Command {
  const command = new Command("list")
    .description("list the batches of a directory or a stack, newest first")
    .option("--limit <n>", "list at most this many", positive);
  return withJson(withPlace(command), "print a JSON array of batch summaries").action(list);
}

async function list(options: ListOptions): Promise<void> {
  await using place = await placeOf(options);
  const found: BatchSummary[] = [];
  for await (const summary of place.fanjoin.list()) {
    found.push(summary);
    if (found.length === options.limit) break;
  }
  if (options.json) printJson(found);
  else if (found.length === 0) say(`there are no batches ${place.fanjoin.where} yet`);
  else print(table(found));
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
  const texts = [batch, job, state].map(escapeLine);
  return [...texts, count(known), count(items.failed), `${escapeLine(created)}Z`];
}

function padded(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  const isNumber = HEAD[column] === "items" || HEAD[column] === "failed";
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}
