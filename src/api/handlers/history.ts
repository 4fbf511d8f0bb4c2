/** The history of a batch, and what happens to it now. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Handler } from "../host.ts";
import { answer, json } from "../http.ts";
import { batchIn } from "../checked-names.ts";
import { EVENT_STREAM_TYPE, eventStream, oneEvent } from "../live/event-stream.ts";
import { snapshotOf } from "../live/snapshot.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { publicSummary, recordOf } from "./batch-summary.ts";

export const showHistory: Handler = async (host, request, [name = ""]) => {
  const batch = batchIn(name);
  const fields = await recordOf(host, batch);
  const summary = await publicSummary(host, request, { batch, fields }, { details: false });
  const seen = await host.seen(batch, fields, summary);
  if (seen?.history) return json(200, seen.history);
  throw new FanjoinError("RESULT_UNKNOWN", `batch ${batch} has no history: ${whyNone(summary)}`);
};

function whyNone({ endedAt, chunks }: BatchSummary): string {
  if (endedAt === null) return "none of its chunks is settled yet, try again later";
  if (chunks.settled === 0) return "it ended before a chunk of it was settled";
  return "an older fanjoin ran it, or it was one of many short batches";
}

/** Where the host can go on with an answer, events follow the first one. */
export const showEvents: Handler = async (host, request, [name = ""]) => {
  const batch = batchIn(name);
  const first = await snapshotOf(host, request, batch);
  const { wait } = host;
  if (!wait) return answer(200, EVENT_STREAM_TYPE, oneEvent(first));
  const more = eventStream(first, {
    snapshot: () => snapshotOf(host, request, batch),
    now: () => host.now(),
    sleep: (ms) => wait(ms),
  });
  return { ...answer(200, EVENT_STREAM_TYPE, ""), more };
};
