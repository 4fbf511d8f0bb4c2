/**
 * A producer, a `Queue` and its consumers: the generator is the producer, and fanjoin is the queue. It is
 * bounded, it survives a kill, and nobody has to send an end mark.
 *
 *     fanjoin run examples/from-python/sharing/producer.ts --output -
 */
import { collect, defineJob, from } from "fanjoin";

/** Runs again from its start after a kill, so it has to yield the same. */
async function* produce(): AsyncGenerator<string> {
  for (const country of ["Norway", "Chile", "Japan"]) yield* [`${country} north`, `${country} south`];
}

export default defineJob({
  name: "producer",
  input: from(produce),
  process: (region) => region.toUpperCase(),
  join: collect(),
});
