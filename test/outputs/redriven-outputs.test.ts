/** Outputs of a batch that is redriven, before and while they are read. */
import { expect, test } from "vitest";
import { redrive } from "../../src/batch/steering/redrive.ts";
import type { BatchFiles } from "../../src/batch/summary/files.ts";
import type { Message } from "../../src/core/records/message.ts";
import { countingJob } from "../steps/jobs.ts";
import { BATCH } from "../steps/stage-spec.ts";
import { PageReader, sourceOf } from "./page-reader.ts";
import { plan } from "./settle.ts";
import { numbers, planned, reader } from "./outputs-stage.ts";

test("a redrive that begins while the file is read goes on at the same output", async () => {
  let isFixed = false;
  const job = countingJob(40, (n: number) => {
    if (n % 7 === 3 && !isFixed) throw new Error("bad");
    return n;
  });
  const one = await planned(job, 4);
  await one.pump();
  const before = one.outputs();
  const reading = reader(one, "input", 30);
  expect(await reading.page()).toBe("ready");
  isFixed = true;
  await redrive(one.ports, BATCH, null);
  expect(await reading.drain()).toBe("waiting");
  expect(reading.values).toEqual(before);
  await one.pump();
  expect(await reading.drain()).toBe("ended");
  expect(reading.values).toEqual([...before, 3, 10, 17, 24, 31, 38]);
  expect(one.outputs()).toEqual(numbers(0, 40));
});

test("a reader that begins in a redrive gets the outputs of that redrive, in input order", async () => {
  let isFixed = false;
  const job = countingJob(20, (n: number) => {
    if (n === 5 && !isFixed) throw new Error("bad");
    return n;
  });
  const one = await planned(job);
  await one.pump();
  isFixed = true;
  await redrive(one.ports, BATCH, null);
  const reading = reader(one);
  expect(await reading.drain()).toBe("waiting");
  expect(reading.values).toEqual([]);
  await plan(one);
  expect(await reading.drain()).toBe("waiting");
  expect(reading.values).toEqual(numbers(0, 4));
  await one.pump();
  expect(await reading.drain()).toBe("ended");
  expect(reading.values).toEqual(numbers(0, 20));
});

test("a redrive that replaces the file while it is read changes nothing of what is read", async () => {
  let isFixed = false;
  const job = countingJob(20, (n: number) => {
    if (n === 3 && !isFixed) throw new Error("bad");
    return n;
  });
  const one = await planned(job);
  const publish = (): void => {
    const { outputs } = one.batch()["result"] as unknown as BatchFiles;
    one.store.put("published", one.store.text(outputs?.name ?? ""));
  };
  await one.pump();
  const before = one.outputs();
  publish();
  const { ledger, store } = sourceOf(one);
  async function* read(name: string, from: number, to: number): AsyncGenerator<Uint8Array> {
    if (name === "published" && from > 0 && !isFixed) {
      isFixed = true;
      await redrive(one.ports, BATCH, null);
      await one.pump();
      publish();
    }
    yield* store.read(name, from, to);
  }
  const source = { ledger, store: { read }, fileName: () => "published" };
  const reading = new PageReader(source, BATCH, "input", () => 9);
  expect(await reading.drain()).toBe("ended");
  expect(reading.values).toEqual([...before, 3]);
});

test("a chunk that was given up has no outputs until a redrive runs it", async () => {
  const one = await planned(countingJob(6));
  const [first, ...others] = one.queue.take("worker");
  await one.deliver("dead-letter", [{ ...first, attempt: 9 } as Message]);
  await one.queue.send("worker", others);
  await one.pump();
  const reading = reader(one);
  expect(await reading.drain()).toBe("ended");
  expect(reading.values).toEqual([2, 3, 4, 5]);
  await redrive(one.ports, BATCH, null);
  await one.pump();
  expect(await reading.drain()).toBe("ended");
  expect(reading.values).toEqual([2, 3, 4, 5, 0, 1]);
});
