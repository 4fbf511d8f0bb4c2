/** The canonical form of a state: equal for states that differ only in order or in the names of tags. */
import { createHash } from "node:crypto";
import type { State } from "./world.ts";

const TAG = /~\d+/gu;
const texts = new WeakMap<object, string>();

/** The text of a part of a state. Parts never change and many states share them, so texts are cached. */
export function textOf(part: object, write: (part: object) => string = JSON.stringify): string {
  let text = texts.get(part);
  if (text === undefined) {
    text = write(part);
    texts.set(part, text);
  }
  return text;
}

/** The order of a record's fields does not matter. */
function sorted(record: object): string {
  return JSON.stringify(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Tags are renamed in the order of their first appearance, in the records and then in the processes. If no
 * record names a tag, only one process knows it, so processes are sorted without such tags. Partials that no
 * tag names are orphans, and left out. The messages of a process matter only while it may crash.
 */
export function canonical(state: State): string {
  const names = new Map<string, string>();
  const naming = (tag: string): string => {
    let name = names.get(tag);
    if (name === undefined) names.set(tag, (name = `~${names.size}`));
    return name;
  };
  const parts: string[] = [];
  for (const key of [...state.records.keys()].toSorted()) {
    const record = state.records.get(key);
    if (record && !key.startsWith("partial/"))
      parts.push(key, textOf(record, sorted).replaceAll(TAG, naming));
  }
  const { crash, deadLetter } = state.left;
  const mayCrash = crash + deadLetter > 0;
  const processes = state.running.map(({ held, tasks, got, planner }) => {
    const text = `${planner}${textOf(tasks)}${textOf(got)}${
      mayCrash
        ? held
            .map((each) => textOf(each))
            .toSorted()
            .join("")
        : ""
    }`;
    return { text, known: text.replaceAll(TAG, (tag) => names.get(tag) ?? "?") };
  });
  processes.sort((a, b) => (a.known < b.known ? -1 : 1));
  for (const { text } of processes) parts.push(text.replaceAll(TAG, naming));
  for (const tag of names.keys()) {
    for (const prefix of ["", "-"]) {
      const partial = state.records.get(`partial/${prefix}${tag}`);
      if (partial) parts.push(textOf(partial));
    }
  }
  parts.push(...state.queue.map((each) => textOf(each)).toSorted(), textOf(state.left), state.wrong ?? "");
  return createHash("sha1").update(parts.join("\n")).digest("base64");
}
