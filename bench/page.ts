/**
 * The page with ten thousand batches and a million chunks, in Chromium, served by a real `fanjoin dev`: how
 * long its thread is busy at a time. A pause of 100 ms is noticed; an hour of scrolling has none.
 *
 * A busy machine makes every task longer, so there are two figures: the time of the longest task, and the
 * processor time of the task that took the most.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { WITHOUT_BROWSER } from "../test/page/browser/chromium.ts";
import { median } from "./contestant.ts";
import type { Figures, Standing } from "./contestant.ts";
import { MILLION, NOOP, pageDirectory } from "./page/page-data.ts";
import { openBrowser } from "./page/watched-page.ts";
import type { BrowserSession, Pauses } from "./page/watched-page.ts";
import { format } from "./report.ts";
import type { Bench, BenchOptions, Outcome } from "./report.ts";

const FANJOIN = fileURLToPath(new URL("../bin/fanjoin.js", import.meta.url));
const BATCHES = 10_000;
const MOST_MS = 100;
/** While the batch of a million chunks runs, the page is looked at so long. */
const LIVE_MS = 10_000;

interface View {
  readonly name: string;
  readonly about: string;
  readonly act: (page: Page) => Promise<unknown>;
}

const rowsShown = (count: number) => (page: Page) =>
  page.waitForFunction((wanted) => document.querySelectorAll("tr.row").length === wanted, count);

const LIST: readonly View[] = [
  {
    name: "the list",
    about: `the page is opened, with ${BATCHES} batches`,
    act: async (page) => {
      await page.reload();
      await rowsShown(50)(page);
    },
  },
  {
    name: "older ones",
    about: "Older, until 500 rows are in the document, and once more",
    act: async (page) => {
      for (let rows = 100; rows <= 550; rows += 50) {
        await page.getByRole("button", { name: "Older" }).click();
        await page.getByText(`${Math.min(500, rows)} shown`).waitFor();
        await page.getByRole("button", { name: "Older" }).waitFor();
      }
    },
  },
  {
    name: "scrolling",
    about: "through 500 rows, with two rounds of news of batches",
    act: async (page) => {
      for (let turn = 0; turn < 40; turn++) {
        await page.mouse.wheel(0, turn % 2 === 0 ? 900 : 300);
        await page.waitForTimeout(100);
      }
    },
  },
  {
    name: "filters",
    about: "a state that no batch is in, and none again",
    act: async (page) => {
      await page.getByLabel("State", { exact: true }).selectOption("failed");
      await page.getByText("No batch is failed").waitFor();
      await page.getByRole("link", { name: "Clear the filters" }).click();
      await rowsShown(50)(page);
    },
  },
];

const MARKS: readonly View[] = [
  {
    name: "a million chunks",
    about: "the page of a batch that had them",
    act: async (page) => {
      await page.reload();
      await page.locator("svg.timeline").waitFor();
    },
  },
  {
    name: "its marks",
    about: "the pointer over the timeline, and the table of chunks",
    act: async (page) => {
      const box = await page.locator(".timeline-box").boundingBox();
      for (let turn = 0; turn < 50; turn++)
        await page.mouse.move((box?.x ?? 0) + 100 + turn * 18, (box?.y ?? 0) + 12 + (turn % 3) * 8);
      await page.getByRole("button", { name: "As a table" }).click();
      await page.locator(".small-table tbody tr").first().waitFor();
    },
  },
];

const LIVE: View = {
  name: "it runs",
  about: `the page of a batch of a million chunks for ${LIVE_MS / 1000} s, with four changes a second at most`,
  act: (page) => page.waitForTimeout(LIVE_MS),
};

/** `fanjoin dev` over the directory, until `use` is done with the address of its page. */
async function withDev<T>(directory: string, use: (address: string) => Promise<T>): Promise<T> {
  const uploads = await mkdtemp(join(tmpdir(), "fanjoin-bench-"));
  const args = ["dev", MILLION, NOOP, "--dir", directory, "--port", "0", "--uploads", uploads];
  const dev = spawn(process.execPath, [FANJOIN, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(dev, "close");
  try {
    let said = "";
    for await (const text of dev.stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
      said += String(text);
      if (/Ctrl-C/.test(said)) break;
    }
    dev.stderr.resume();
    const [, address] = /open\s+(http:\S+)/.exec(said) ?? [];
    if (address === undefined) throw new Error(`fanjoin dev did not start: ${said}`);
    return await use(address);
  } finally {
    dev.kill("SIGINT");
    await ended;
    await rm(uploads, { recursive: true });
  }
}

/** The id of the newest batch of the job `million`. */
async function newestMillion(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const answer = await fetch("/batches?job=million&limit=1");
    const { batches } = (await answer.json()) as { readonly batches: readonly { readonly batch: string }[] };
    return batches[0]?.batch ?? "";
  });
}

/** Ends the batch and takes it away: the next run finds the directory as this one did. */
async function remove(page: Page, batch: string): Promise<void> {
  const send = (method: string, path: string): Promise<number> =>
    page.evaluate(async ([how = "", to = ""]) => (await fetch(to, { method: how })).status, [method, path]);
  await send("POST", `/batches/${batch}/cancel`);
  while ((await send("DELETE", `/batches/${batch}`)) === 409) await sleep(200);
}

type Visit = (view: View) => Promise<void>;

async function visitAll({ page }: BrowserSession, visit: Visit): Promise<void> {
  const { origin } = new URL(page.url());
  await page.goto(origin);
  for (const view of LIST) await visit(view);
  await page.goto(`${origin}/batches/${await newestMillion(page)}`);
  for (const view of MARKS) await visit(view);
  await page.goto(`${origin}/jobs/million`);
  await page.getByRole("button", { name: "Start the batch" }).click();
  await page.locator("svg.timeline").waitFor();
  await visit(LIVE);
  await remove(page, await newestMillion(page));
}

async function run({ rounds }: BenchOptions, say: (line: string) => void): Promise<Outcome> {
  const views = [...LIST, ...MARKS, LIVE];
  const seen = new Map<string, Pauses[]>(views.map(({ name }) => [name, []]));
  if (WITHOUT_BROWSER === null) {
    const directory = await pageDirectory(BATCHES);
    await withDev(directory, async (address) => {
      await using session = await openBrowser();
      await session.page.goto(address);
      for (let round = 1; round <= rounds; round++) {
        await visitAll(session, async ({ name, act }) => {
          const pauses = await session.during(act);
          seen.get(name)?.push(pauses);
          say(`round ${round} of ${rounds}: ${name}: ${format(pauses.longestMs)} ms`);
        });
      }
    });
  }
  const standings = views.map(({ name, about }) => standing(name, about, seen.get(name) ?? []));
  const most = standings.flatMap(({ rounds: of }) => of.map(({ processorMs = 0 }) => processorMs));
  return {
    contestants: standings,
    shown: {
      longestMs: "longest task, ms",
      processorMs: "its processor ms",
      over100: "over 100 ms",
      elements: "elements",
    },
    targets: [
      {
        name: "processor ms of the longest task, all views",
        value: most.length === 0 ? null : Math.max(...most),
        atMost: MOST_MS,
      },
    ],
    notes: [
      "The page of `fanjoin dev` in Chromium, 1280 by 900; the figures of a view are medians of the rounds.",
      "A task waits where the machine is busy: only processor time is the page's own.",
    ],
  };
}

function standing(name: string, about: string, seen: readonly Pauses[]): Standing {
  const rounds: Figures[] = seen.map((pauses) => ({ ...pauses }));
  const of = (figure: keyof Pauses): number => median(seen.map((pauses) => pauses[figure]));
  const figures = {
    longestMs: of("longestMs"),
    processorMs: of("processorMs"),
    over100: of("over100"),
    elements: of("elements"),
  };
  return { name, about, skipped: WITHOUT_BROWSER, median: seen.length === 0 ? {} : figures, rounds };
}

export const page: Bench = {
  name: "page",
  about: "the page with 10,000 batches and a million chunks: its longest pauses in Chromium",
  options: `  The directory is made once, in bench/.data/page: a minute or two.`,
  run,
};
