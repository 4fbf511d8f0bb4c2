/** A local store of a batch, for each test of a file, and what its tests write and read. */
import { afterEach, beforeEach, expect } from "vitest";
import { createLocalStore } from "../../../src/local/store/store.ts";
import type { LocalStore } from "../../../src/local/store/store.ts";
import type { ObjectStore } from "../../../src/ports.ts";
import { temporaryDirectory } from "../../memory/directory.ts";
import type { TemporaryDirectory } from "../../memory/directory.ts";

export let directory: TemporaryDirectory;
export let whole: LocalStore;
/** Of one batch. */
export let store: ObjectStore;

export const open = (segmentName: string): LocalStore =>
  createLocalStore({ directory: directory.path("state"), segmentName });

/** Each test of the file has a directory and a store of its own. */
export function eachTestHasAStore(): void {
  beforeEach(() => {
    directory = temporaryDirectory();
    whole = open("1-0");
    store = whole.of("01A");
  });
  afterEach(() => {
    whole.close();
    directory.remove();
  });
}

export async function write(text: string, into = store): Promise<string> {
  const writer = into.create("attempts/x");
  await writer.write(text);
  return (await writer.close()).name;
}

export async function drain(blocks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const block of blocks) expect(block.length).toBeGreaterThan(0);
}
