/** What `pull` brings of a batch of a state directory. */
import type { PullPage, StoredBytes, WantedChunks } from "../../batch/pulled/pull-page.ts";
import { verified } from "../../checksum.ts";
import type { Ledger } from "../../ports.ts";
import { chunksToPull } from "../../steps/pulling/chunks-to-pull.ts";
import { createLocalStore } from "../store/store.ts";

/** Throws the errors of `chunksToPull`. */
export function pullHere(
  directory: string,
  ledger: Pick<Ledger, "read">,
  batch: string,
  wanted: WantedChunks,
): Promise<PullPage> {
  const store = createLocalStore({ directory, segmentName: "pull" });
  return chunksToPull({ ledger, store }, batch, wanted);
}

/** Throws `DIRECTORY_UNUSABLE` where their checksum is another, `INPUT_CHANGED` and `INPUT_NOT_FOUND`. */
export async function* bytesHere(
  directory: string,
  { name, version, ranges, crc }: StoredBytes,
): AsyncGenerator<Uint8Array> {
  const store = createLocalStore({ directory, segmentName: "pull" });
  for (const { start, end } of ranges) {
    const blocks = store.read(name, start, end, version);
    yield* crc === undefined ? blocks : verified(blocks, crc, `${name}, bytes ${start} to ${end},`);
  }
}
