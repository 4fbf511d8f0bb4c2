/**
 * `Pool.imap_unordered` and `as_completed`: results as they are done, while the batch runs. Without
 * `--unordered` it is `Pool.imap`. The order does not say which item a result is of, so the result does.
 *
 *     fanjoin run examples/from-python/pool/imap-unordered.ts --stream --unordered
 */
import { collect, defineJob, range } from "fanjoin";

export default defineJob({
  name: "factors",
  input: range(2, 12),
  chunk: { items: 3 },
  process(n) {
    let factor = 2;
    while (n % factor !== 0) factor++;
    return [n, factor];
  },
  join: collect(),
});
