/** Compares stored messages with the plan. Records have checksums; messages, which come and go, have none. */
import { isDeepStrictEqual } from "node:util";
import { changedBytes } from "../../checksum.ts";
import { isChunkMessage, workName } from "../../core/records/message.ts";
import type { ChunkMessage, Message } from "../../core/records/message.ts";
import { SplitView, splitOf } from "../../core/records/split.ts";
import { nodeKey } from "../../core/records/tree.ts";
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
  const chunks = messages.filter(isChunkMessage);
  const plan = new PlanReader(ledger, batch);
  for (const message of chunks.toSorted((a, b) => a.chunk - b.chunk)) {
    const range = await plan.chunk(message.chunk);
    const isKnown =
      message.kind !== "part"
        ? isDeepStrictEqual(planned(message), range)
        : isDeepStrictEqual(sourceOf(message), sourceOf(range)) && (await isRecorded(ledger, message));
    if (!isKnown) throw changedBytes(`the message of ${message.kind} ${workName(message)} of batch ${batch}`);
  }
}

type Source = Pick<ChunkMessage, "source" | "run" | "spool">;

function sourceOf({ source, run, spool }: Source): Source {
  return { source, ...(run ? { run } : {}), ...(spool ? { spool } : {}) };
}

/** Whether the split of the chunk has this part, which may have been cut since. */
async function isRecorded(
  ledger: Pick<Ledger, "read">,
  message: ChunkMessage & { readonly kind: "part" },
): Promise<boolean> {
  const [fields] = await ledger.read([nodeKey(splitOf(message))]);
  if (!fields) return false;
  const split = new SplitView(fields);
  const { part, start, end, former = null } = message;
  const until = split.endOf(part);
  const isSame = split.tag(part) === null ? until === end : until <= end;
  return isSame && split.startOf(part) === start && split.formerOf(part) === former;
}

/** The part of a message that the plan has. */
function planned({
  source,
  start,
  end,
  run,
  crc,
  spool,
}: ChunkMessage): Awaited<ReturnType<PlanReader["chunk"]>> {
  const range = { source, start, end, ...(run ? { run } : {}), ...(crc === undefined ? {} : { crc }) };
  return spool ? { ...range, spool } : range;
}
