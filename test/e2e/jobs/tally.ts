import { defineJob, range } from "fanjoin";

/** Nothing is joined; the numbers that the parameters name fail. */
export default defineJob({
  name: "tally",
  input: range(1000),
  chunk: { items: 25 },
  process(n, { params }) {
    const { refuse = [] } = (params ?? {}) as { readonly refuse?: readonly number[] };
    if (refuse.includes(n)) throw new RangeError(`${n} is refused`);
  },
});
