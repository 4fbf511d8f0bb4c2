import { defineJob, range } from "fanjoin";

/** A job whose setup never succeeds. */
export default defineJob({
  name: "homeless",
  input: range(200),
  chunk: { items: 10 },
  async setup(): Promise<number> {
    throw new Error("no database");
  },
  process: (n, { own }) => n * own,
  join: (j) => j.sum(),
});
