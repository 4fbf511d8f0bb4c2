/** A runner that records a span for each chunk that is done, below the span of its bundle. */
import type { Clock, TraceSpan } from "../../ports.ts";
import type { ChunksReply, Runner } from "../../runner/runner.ts";

/** Chunks of a bundle are done one after the other, unless a chunk says how long it was open. */
export function withChunkSpans(runner: Runner, span: TraceSpan, clock: Clock): Runner {
  return {
    plan: (request) => runner.plan(request),
    merge: (request) => runner.merge(request),
    async chunks(request, events = {}) {
      const beganAt = clock.now();
      let at = beganAt;
      const record = ({ done }: ChunksReply): void => {
        const now = clock.now();
        for (const { child, part, totals, tookMs } of done) {
          const startedAt = tookMs === undefined ? at : Math.max(beganAt, now - tookMs);
          at = Math.min(now, at + totals.ms);
          span.child({
            name: "chunk",
            attributes: {
              "fanjoin.batch.id": request.spec.batch,
              "fanjoin.chunk": child,
              ...(part === undefined ? {} : { "fanjoin.part": part }),
              "fanjoin.items.succeeded": totals.succeeded,
              "fanjoin.items.failed": totals.failed,
            },
            startedAt,
            endedAt: tookMs === undefined ? at : now,
          });
        }
        at = now;
      };
      const onPart = (part: ChunksReply): void => {
        record(part);
        events.onPart?.(part);
      };
      // Without `onPart` a runner hands nothing over before the end.
      const reply = await runner.chunks(request, events.onPart ? { ...events, onPart } : events);
      record(reply);
      return reply;
    },
  };
}
