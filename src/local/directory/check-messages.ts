/** Compares stored messages with the plan. Records have checksums; messages, which come and go, have none. */
import { isDeepStrictEqual } from "node:util";
import { changedBytes } from "../../checksum.ts";
import type { ChunkMessage, Message } from "../../core/records/message.ts";
import { PlanReader } from "../../steps/planning/plan-reader.ts";
import type { Ledger } from "../../ports.ts";

/**
 * Throws `DIRECTORY_UNUSABLE` for the message of a chunk that the plan of `batch` does not have like that.
 */
export async function checkMessages(
  ledger: Pick<Ledger, "read">,
  batch: string,
  messages: readonly Message[],
): Promise<void> {
  const chunks = messages.filter((message) => message.kind === "chunk");
  const plan = new PlanReader(ledger, batch);
  for (const { chunk, ...message } of chunks.toSorted((a, b) => a.chunk - b.chunk)) {
    if (!isDeepStrictEqual(planned(message), await plan.chunk(chunk)))
      throw changedBytes(`the message of chunk ${chunk} of batch ${batch}`);
  }
}

/** The part of a message that the plan has. */
function planned({
  source,
  start,
  end,
  crc,
  spool,
}: Omit<ChunkMessage, "chunk">): Awaited<ReturnType<PlanReader["chunk"]>> {
  const range = { source, start, end, ...(crc === undefined ? {} : { crc }) };
  return spool ? { ...range, spool } : range;
}
