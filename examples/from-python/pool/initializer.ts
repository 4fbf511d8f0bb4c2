/**
 * `Pool(initializer=…)`: `setup` makes what all items of a thread share, once in each thread.
 *
 *     fanjoin run examples/from-python/pool/initializer.ts --output -
 */
import { collect, defineJob, items } from "fanjoin";

export default defineJob({
  name: "country-names",
  input: items(["NO", "CL", "JP"]),
  // Stands for a large table, a model, a connection.
  setup: () => new Intl.DisplayNames("en", { type: "region" }),
  process: (code, { own: names }) => names.of(code),
  join: collect(),
});
