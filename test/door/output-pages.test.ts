import { expect, test } from "vitest";
import { blocksOf, outputPages } from "../../src/door/output-pages.ts";
import type { OutputsReader } from "../../src/door/output-pages.ts";

/** Answers with these pages, one after the other. `log` has what was asked. */
function readerOf(pages: readonly (readonly [string, "ready" | "waiting" | "ended"])[]): {
  readonly reader: OutputsReader;
  readonly log: string[];
} {
  const log: string[] = [];
  let next = 0;
  return {
    log,
    reader: {
      async page(after) {
        log.push(`after ${after}`);
        const [text = "", state = "ended"] = pages[next++] ?? [];
        return { blocks: text === "" ? [] : [Buffer.from(text)], cursor: String(next), state };
      },
      async more() {
        log.push("waits");
      },
    },
  };
}

test("pages are read one after the other, with a wait where nothing more is ready, until they have ended", async () => {
  const { reader, log } = readerOf([
    ["1\n", "ready"],
    ["", "waiting"],
    ["2\n", "waiting"],
    ["3\n", "ended"],
  ]);
  const pages = await Array.fromAsync(outputPages(reader, {}));
  expect(pages.map(({ blocks, cursor }) => [Buffer.concat(blocks).toString(), cursor])).toEqual([
    ["1\n", "1"],
    ["2\n", "3"],
    ["3\n", "4"],
  ]);
  expect(log).toEqual(["after ", "after 1", "waits", "after 2", "waits", "after 3"]);
});

test("a cursor goes on behind its page", async () => {
  const { reader, log } = readerOf([["2\n", "ended"]]);
  const blocks = await Array.fromAsync(blocksOf(outputPages(reader, { after: "abc" })));
  expect(Buffer.concat(blocks).toString()).toBe("2\n");
  expect(log).toEqual(["after abc"]);
});

test("no page is read ahead of the consumer", async () => {
  const { reader, log } = readerOf([
    ["1\n", "ready"],
    ["2\n", "ended"],
  ]);
  const pages = outputPages(reader, {});
  await pages.next();
  expect(log).toEqual(["after "]);
  await pages.return(undefined);
  expect(log).toEqual(["after "]);
});

test("the signal ends it with its reason", async () => {
  const { reader } = readerOf([
    ["1\n", "ready"],
    ["2\n", "ended"],
  ]);
  const stop = new AbortController();
  const pages = outputPages(reader, { signal: stop.signal });
  await pages.next();
  stop.abort(new Error("enough"));
  await expect(pages.next()).rejects.toThrow("enough");
});
