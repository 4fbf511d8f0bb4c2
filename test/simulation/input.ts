/** Random CSV files, with a list of their records as they were written. */
import type { Chance } from "../../src/core/chance.ts";

export interface Row {
  readonly source: string;
  readonly id: string;
  readonly fails: boolean;
  /** Where the record begins, in bytes from the start of its source. */
  readonly offset: number;
  /** From 0, within the source. */
  readonly index: number;
  /** From 1, within the source. */
  readonly line: number;
  readonly raw: string;
}

export interface Input {
  readonly inputs: { readonly [label: string]: string };
  readonly rows: readonly Row[];
}

const HEADER = "id,note\n";

/** `small`: several sources of few rows, so that some fit into one chunk. */
export function randomInput(random: Chance, small = false): Input {
  const inputs: { [label: string]: string } = {};
  const rows: Row[] = [];
  const most = small ? 9 : 3;
  const sources = random.oneIn(10) ? 0 : 1 + random.below(most);
  const failing = 2 + random.below(40);
  for (let number = 0; number < sources; number++) {
    const source = `file-${number}.csv`;
    let text = HEADER;
    let line = 2;
    const count = random.oneIn(8) ? 0 : random.below(small ? 20 : random.oneIn(3) ? 260 : 40);
    for (let index = 0; index < count; index++) {
      if (random.oneIn(20)) {
        text += "\n";
        line++;
      }
      const fails = random.oneIn(failing);
      const id = `${number}.${index}`;
      const raw = `${id},${noteOf(fails, random)}`;
      rows.push({ source, id, fails, offset: Buffer.byteLength(text), index, line, raw });
      text += `${raw}\n`;
      line += raw.split("\n").length;
    }
    inputs[source] = text;
  }
  return { inputs, rows };
}

function noteOf(fails: boolean, random: Chance): string {
  const word = fails ? "bad" : "good";
  if (random.oneIn(6)) return `"${word}\nsecond, line ""quoted"" é"`;
  return random.oneIn(40) ? word.padEnd(2000, "…") : word;
}
