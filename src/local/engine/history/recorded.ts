/** Runs the chunks of a bundle, and has it recorded what becomes of them. */
import type { ChunksEvents, ChunksReply, ChunksRequest } from "../../../runner/runner.ts";
import type { BatchRecorder } from "./batch-recorder.ts";
import { laneOf } from "./histories.ts";

/** `run` is given the events that it has to tell. Without a recorder nothing is recorded. */
export async function recorded<Reply extends ChunksReply>(
  recorder: BatchRecorder | undefined,
  { chunks }: Pick<ChunksRequest, "chunks">,
  events: ChunksEvents | undefined,
  run: (events: ChunksEvents) => Promise<Reply>,
): Promise<Reply> {
  if (!recorder) return run(events ?? {});
  const bundle = recorder.begin(chunks, Date.now());
  try {
    const reply = await run({
      ...events,
      onThread(thread) {
        bundle.lane = laneOf(thread);
        events?.onThread?.(thread);
      },
      onPart(part) {
        recorder.settle(bundle, part, Date.now());
        events?.onPart?.(part);
      },
    });
    const now = Date.now();
    recorder.settle(bundle, reply, now);
    recorder.end(bundle, now, { lost: false });
    return reply;
  } catch (thrown) {
    recorder.end(bundle, Date.now(), { lost: true });
    throw thrown;
  }
}
