/** Runs the real `fanjoin dev` in a process, and talks to its API. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import type { Running, Workspace } from "../cli/command.ts";

export const TOKEN = "secret-of-the-test";

/** A job that fails for the line `bad`. */
export const LINES = `
  import { collect, defineJob, lines } from "fanjoin";
  export default defineJob({
    name: "shout", input: lines(), join: collect(), retries: 0,
    process(line) { if (line === "bad") throw new TypeError("bad line"); return line.toUpperCase(); },
  });
`;

/** A running `fanjoin dev`. */
export interface DevProcess {
  readonly running: Running;
  readonly base: string;
  /** Sends the token, unless other headers are given. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
  batches(): Promise<readonly BatchSummary[]>;
  /** Polls the batches until `holds` returns true. */
  until(holds: (batches: readonly BatchSummary[]) => boolean): Promise<readonly BatchSummary[]>;
  interrupt(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

export async function startDev(at: Workspace, ...args: string[]): Promise<DevProcess> {
  const running = at.start("dev", ...args, "--port", "0", "--token", TOKEN, "--concurrency", "2");
  const [, base = ""] = await running.said(/at (http:\/\/127\.0\.0\.1:\d+)\n[^]*Ctrl-C/);
  const dev: DevProcess = {
    running,
    base,
    fetch: (path, init = {}) =>
      fetch(base + path, { headers: { authorization: `Bearer ${TOKEN}` }, redirect: "manual", ...init }),
    post: (path, body) =>
      dev.fetch(path, {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async batches() {
      const page = (await (await dev.fetch("/batches")).json()) as { batches: BatchSummary[] };
      return page.batches;
    },
    async until(holds) {
      for (;;) {
        const batches = await dev.batches();
        if (holds(batches)) return batches;
        await sleep(50);
      }
    },
    async interrupt() {
      running.child.kill("SIGINT");
      return running.ended;
    },
  };
  return dev;
}

/** Whether there are `count` batches, and all have ended. */
export const allEnded = (count: number) => (batches: readonly BatchSummary[]) =>
  batches.length === count && batches.every(({ endedAt }) => endedAt !== null);
