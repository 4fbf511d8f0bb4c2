/** The page of the comparison, and its charts. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { INSTALL_BULLMQ_LINE } from "../available.ts";
import type { Standing } from "../contestant.ts";
import { format, verdictOf } from "../report.ts";
import type { Target } from "../report.ts";
import { barChart } from "./chart.ts";
import type { CompareContestant } from "./contestants.ts";
import { WORKS } from "./figures.ts";
import type { Comparison, SpeedWork } from "./figures.ts";
import type { FailureTable } from "./failure-tables.ts";

export interface Page {
  readonly comparison: Comparison;
  readonly targets: readonly Target[];
  /** In words, without a path or a host. */
  readonly machine: string;
  /** A day. */
  readonly date: string;
  readonly versions: readonly string[];
}

const WIDTH = 110;
const TRIED =
  "Tried, not asserted: each cell is what was seen in one trial of twenty tasks, four at once, of which one is broken. A call that has not come back after the limit is *hung*. A program that dies of its tasks is started again, up to twice. Values of other tasks that the caller does not get are *lost*.";

/** Writes the page to `file`, and its charts into the folder of the same name beside it. */
export async function writePage(file: string, page: Page): Promise<void> {
  const folder = join(dirname(file), basename(file, ".md"));
  await mkdir(folder, { recursive: true });
  for (const [work, standings] of page.comparison.speed)
    await writeFile(join(folder, `${work}.svg`), chartOf(work, standings, page.comparison));
  await writeFile(file, textOf(page, basename(folder)));
}

function chartOf(work: SpeedWork, standings: readonly Standing[], { many }: Comparison): string {
  const bars = standings
    .filter(({ median }) => median["speedUp"] !== undefined)
    .toSorted((a, b) => (b.median["speedUp"] ?? 0) - (a.median["speedUp"] ?? 0))
    .map(({ name, median }) => {
      const value = median["speedUp"] ?? 0;
      return { name, value, label: `${format(value)} ×`, highlighted: name === "fanjoin" };
    });
  const title = `${WORKS[work].title}: ${count(many)} tasks, speed-up over the loop of the same language`;
  return barChart(title, bars);
}

function textOf({ comparison, targets, machine, date, versions }: Page, folder: string): string {
  const { speed, contestants, failures } = comparison;
  const unmeasured = speed.size === 0 ? ["Times"] : [];
  if (failures.length === 0) unmeasured.push("Failures");
  const missing = contestants.filter((contestant) => contestant.missing !== null);
  const blocks = [
    "# A comparison with pools, queues and schedulers",
    wrapped(
      "This page compares fanjoin with what people use before they come to it. The same tasks run by each: time, speed-up, processor time, memory, and what becomes of tasks that fail. The page is written by `npm run bench -- compare --write docs/comparison.md`; nothing on it is written by hand.",
    ),
    wrapped(
      `${unmeasured.length < 2 ? "Measured" : "Made"} on ${date} on ${machine}. ${versions.join(", ")}.`,
    ),
    wrapped(
      missing.length === 0
        ? "All contestants are installed."
        : `Not installed, so without figures: ${missing.map(({ name }) => name).join(", ")}.`,
    ),
    ...unmeasured.map((part) =>
      wrapped(`${part} were not measured yet: this page was made without them (\`--part\`).`),
    ),
    "## How to run it",
    [
      "```console",
      "$ python3 -m venv bench/.data/venv",
      "$ bench/.data/venv/bin/pip install -r bench/compare/requirements.txt",
      `$ ${INSTALL_BULLMQ_LINE}`,
      "$ npm run bench -- compare --python bench/.data/venv/bin/python",
      "```",
    ].join("\n"),
    wrapped(
      "Celery and BullMQ need `redis-server`; the benchmark starts its own, reached by a socket. Contestants that are not installed are skipped, and named. `--python` is `python3` by default, `--only NAME,NAME` takes some contestants, `--quick` makes few and small tasks, and `--json` prints all figures.",
    ),
    "## How to read it",
    list([
      "The figure to compare is the speed-up over the plain loop *of the same language*: the same work may cost differently in Python and in JavaScript. Both loops are in the tables.",
      "Start-up is left out of the times, and stands beside them: from the start of the program until its workers have answered. Tasks before the measured ones open connections and compile code. `threading` and `multiprocessing.Process` start a thread or process for each task, so their times have that in them.",
      `Figures are medians of ${comparison.rounds === 1 ? "one round" : `${comparison.rounds} rounds`}, in which all take turns. Contestants that need more than half a minute run in the first round only. Memory is what all processes held at most when they were looked at, twice a second; pages that they share are divided among them. Processor time is that of the ${count(comparison.many)} tasks, of all processes, Redis too.`,
      "fanjoin and Luigi keep their results on disk, Celery and BullMQ in Redis, the others nowhere.",
    ]),
    ...[...speed].flatMap(([work, standings]) => workBlocks(work, standings, comparison, folder)),
    ...(failures.length === 0 ? [] : ["## What is lost, and what hangs", wrapped(TRIED)]),
    ...failures.flatMap((table) => failureBlocks(table)),
    "## Targets",
    ["| | measured | target | |", "|---|---|---|---|", ...targets.map(targetRow)].join("\n"),
    "## How each is called",
    [
      "| | as it is usually written | with a limit and a result for each task |",
      "|---|---|---|",
      ...contestants.map(({ name, about, careful }) => row([name, about, careful])),
    ].join("\n"),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function workBlocks(
  work: SpeedWork,
  standings: readonly Standing[],
  { few, many, contestants, notDone }: Comparison,
  folder: string,
): string[] {
  const { title, about } = WORKS[work];
  const header = [
    "",
    `${count(few)} tasks, ms`,
    `${count(many)} tasks, ms`,
    "speed-up",
    "processor s",
    "memory MB",
    "start-up ms",
  ];
  const rows = standings.map(({ name, median }) => {
    if (isMissing(contestants, name)) return row([name, "not installed", "", "", "", "", ""]);
    const figures = ["fewMs", "manyMs", "speedUp", "cpuSeconds", "peakMb", "startMs"].map((figure) =>
      format(median[figure]),
    );
    const why = notDone.get(`${work}: ${name}`);
    if (why !== undefined) figures[1] = why;
    return row([name === "fanjoin" ? `**${name}**` : name, ...figures]);
  });
  return [
    `## ${title}`,
    wrapped(about),
    `![${title}: speed-up over the loop of the same language](${folder}/${work}.svg)`,
    [row(header), `|---|${"---:|".repeat(header.length - 1)}`, ...rows].join("\n"),
  ];
}

function failureBlocks({ title, about, columns, rows }: FailureTable): string[] {
  return [
    `### ${title}`,
    wrapped(about),
    [
      row(["", ...columns]),
      `|${"---|".repeat(columns.length + 1)}`,
      ...rows.map(({ name, cells }) => row([name, ...cells.map((seen) => seen?.text ?? "not tried")])),
    ].join("\n"),
  ];
}

function targetRow(target: Target): string {
  const { name, value, atLeast, atMost } = target;
  const promised = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return row([name, format(value), promised, verdictOf(target)]);
}

function isMissing(contestants: readonly CompareContestant[], name: string): boolean {
  return contestants.some((contestant) => contestant.name === name && contestant.missing !== null);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}

function list(sentences: readonly string[]): string {
  return sentences.map((text) => wrapped(`- ${text}`, "  ")).join("\n");
}

/** Wraps at the width of the repository's documents. */
function wrapped(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}

function count(number: number): string {
  return number.toLocaleString("en");
}
