import { defineJob, range } from "fanjoin";

/** A job without a join. The numbers in the parameter `refuse` fail. */
export default defineJob({
  name: "tally",
  input: range(1000),
  chunk: { items: 25 },
  process(n, { params }) {
    const { refuse = [] } = (params ?? {}) as { readonly refuse?: readonly number[] };
    if (refuse.includes(n)) throw new RangeError(`${n} is refused`);
  },
});
