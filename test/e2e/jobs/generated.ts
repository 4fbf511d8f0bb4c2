import { collect, defineJob, from, sum } from "fanjoin";

/** Yields as many items as the parameter `count`. */
async function* numbered({ params }: { readonly params: unknown }) {
  const { count } = params as { readonly count: number };
  for (let n = 0; n < count; n++) yield { n, square: n * n };
}

export default defineJob({
  name: "generated",
  input: from(numbered),
  chunk: { items: 20 },
  process: ({ n, square }) => (n % 50 === 7 ? Promise.reject(new RangeError(`${n}`)) : square),
  join: { total: sum(), squares: collect() },
});
