/**
 * How long are the texts of a folder? Every file is an item.
 *
 *     npm start                           # over texts/
 *     npx fanjoin run job.ts 'docs/*.md'  # over files of your own
 */
import { collect, count, defineJob, files, sum } from "fanjoin";

interface Length {
  readonly file: string;
  readonly lines: number;
  readonly words: number;
}

export default defineJob({
  name: "text-lengths",
  input: files({ as: "text" }),
  process: ({ name, text }): Length => ({
    file: name,
    lines: text.split("\n").filter((line) => line.trim() !== "").length,
    words: text.match(/[\p{L}\p{N}’']+/gu)?.length ?? 0,
  }),
  join: { files: count(), words: sum((length: Length) => length.words), lengths: collect() },
});
