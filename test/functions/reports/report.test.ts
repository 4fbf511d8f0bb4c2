/** The report that a stack writes beside the result of a batch that ran for long. */
import { expect, test } from "vitest";
import { SAMPLE_BATCH, sweep } from "../stack/stack.ts";
import {
  HTML,
  JSON_FILE,
  MADE,
  ask,
  ended,
  isStored,
  onWrite,
  reportIn,
  said,
  submitted,
  summaryOf,
  withCredentials,
} from "./reported-stack.ts";

withCredentials();

test("a batch of ten seconds has its report beside its result, and its summary says where", async () => {
  const stack = await ended({ takes: 1000, bad: [3] });
  const { summary, command } = reportIn(stack);
  expect(summary).toMatchObject({ batch: SAMPLE_BATCH, state: "completed-with-failures", seconds: 10 });
  expect(command).toBe("fanjoin submit counting --chunk-items 5 --stack shop-stack");
  const page = stack.store.text(HTML);
  for (const part of ["Every item is accounted for", "no 3", "Items per second"])
    expect(page).toContain(part);
  const { report, result } = await summaryOf(stack);
  expect(report?.path).toBe(result?.path.replace(/result$/, "report"));
  expect(await ask(stack, "/report")).toEqual({ status: 200, body: page });
  expect(said(stack, "info").filter((line) => line === MADE)).toHaveLength(1);
  expect(said(stack, "warn")).toEqual([]);
});

test("a shorter batch has none, and its end costs no message more", async () => {
  const stack = await submitted({ takes: 999, bad: [] });
  const sent: string[] = [];
  const send = stack.ports.queue.send.bind(stack.ports.queue);
  Object.assign(stack.ports.queue, {
    send: async (...[queue, messages, options]: Parameters<typeof send>) => {
      sent.push(...messages.map(({ kind }) => kind));
      return send(queue, messages, options);
    },
  });
  await stack.pump();
  expect(await summaryOf(stack)).toMatchObject({ state: "succeeded", seconds: 9.99 });
  expect(new Set(sent)).toEqual(new Set(["chunk", "merge", "news"]));
  expect(await isStored(stack)).toBe(false);
  expect(await summaryOf(stack)).not.toHaveProperty("report");
  const refused = await ask(stack, "/report");
  expect([refused.status, JSON.parse(refused.body)]).toMatchObject([404, { code: "RESULT_UNKNOWN" }]);
});

test("a report that cannot be written is logged, is not tried again, and changes nothing else", async () => {
  const stack = await submitted({ takes: 1000, bad: [] });
  const tried: string[] = [];
  onWrite(stack, (name) => {
    if (!name.includes("/report.")) return;
    tried.push(name);
    throw new Error("slow down");
  });
  await stack.pump();
  expect(tried).toEqual([JSON_FILE]);
  expect(said(stack, "warn")).toEqual([
    "the report of the batch was not made; fanjoin report --stack makes one",
  ]);
  expect(said(stack, "error")).toEqual([]);
  expect(stack.events).toHaveLength(1);
  const summary = await summaryOf(stack);
  expect(summary).toMatchObject({ state: "succeeded", items: { succeeded: 10 } });
  expect(summary).not.toHaveProperty("report");
  expect((await ask(stack, "/result")).status).toBe(200);
});

test("a report that ends its process again and again is given up, and its batch is as it was", async () => {
  const stack = await submitted({ takes: 1000, bad: [] });
  let deaths = 0;
  onWrite(stack, (name) => {
    if (!name.includes("/report.")) return;
    deaths++;
    return stack.die();
  });
  await stack.pump();
  expect(deaths).toBe(3);
  expect(stack.counts.get("DeadLetters")).toBe(1);
  expect(stack.batch()).toMatchObject({ state: "succeeded" });
  expect(stack.batch()).not.toHaveProperty("open");
});

test("news are told while the coordinator's queue refuses, and the report is asked for again", async () => {
  const stack = await submitted({ takes: 1000, bad: [] });
  const send = stack.ports.queue.send.bind(stack.ports.queue);
  let refusals = 0;
  Object.assign(stack.ports.queue, {
    send: async (...[queue, messages, options]: Parameters<typeof send>) => {
      if (messages.some(({ kind }) => kind === "report") && refusals++ < 2) throw new Error("throttled");
      return send(queue, messages, options);
    },
  });
  await stack.pump();
  expect(stack.events).toHaveLength(1);
  expect(said(stack, "warn")).toEqual(Array(2).fill("the coordinator could not be told: throttled"));
  expect(await isStored(stack)).toBe(true);
});

test("a crash between the end and its news loses no report", async () => {
  const stack = await submitted({ takes: 1000, bad: [] });
  const { queue } = stack.ports;
  const send = queue.send.bind(queue);
  Object.assign(queue, {
    async send(...[name, messages, options]: Parameters<typeof send>) {
      if (messages.some(({ kind }) => kind === "news")) return stack.die();
      return send(name, messages, options);
    },
  });
  await stack.pump();
  expect(await isStored(stack)).toBe(false);
  Object.assign(queue, { send });
  await sweep(stack);
  await stack.pump();
  expect(await isStored(stack)).toBe(true);
});

test("a message that comes twice leaves the same report", async () => {
  const stack = await ended({ takes: 1000, bad: [] });
  const { summary } = reportIn(stack);
  await stack.ports.queue.send("coordinator", [{ kind: "report", batch: SAMPLE_BATCH }]);
  await stack.pump();
  expect({ ...reportIn(stack).summary, cost: null }).toEqual({ ...summary, cost: null });
});

test("what a report costs is a cost of its batch", async () => {
  const stack = await ended({ takes: 1000, bad: [] });
  expect((await summaryOf(stack)).cost?.usd).toBeGreaterThan(reportIn(stack).summary.cost?.usd ?? Infinity);
});
