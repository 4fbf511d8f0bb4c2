/**
 * `chain` for each value: the steps are calls in one `process`. Only the whole is tried again.
 *
 *     fanjoin run examples/from-python/celery/chain.ts --output -
 */
import { collect, defineJob, items } from "fanjoin";

/** Stands for a request. */
const fetchText = (name: string): Promise<string> => Promise.resolve(`${name} ${name}`);
const countWords = (text: string): number => text.split(" ").length;

export default defineJob({
  name: "chain",
  input: items(["one", "two", "two more"]),
  process: async (name) => countWords(await fetchText(name)),
  join: collect(),
});
