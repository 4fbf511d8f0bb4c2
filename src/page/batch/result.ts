/** The result of a batch: its value, its files, and the commands that print the same. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { bytes, count, counted } from "../../format.ts";
import { Command } from "../parts/command.ts";
import { JsonText } from "../parts/json-text.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { PlaceView } from "../place-view.ts";
import { shortId } from "./strip-words.ts";

export interface ResultProps {
  readonly summary: BatchSummary;
  readonly place: PlaceView | null;
  /** Reads the result. */
  readonly read: () => Promise<string>;
  /** Where its files are: `/batches/…`. */
  readonly base: string;
}

const SHORT_LINES = 20;
/** A longer one is a download. */
const MOST_BYTES = 64 * 1024;

export function Result({ summary, place, read, base }: ResultProps): JSX.Element {
  const { items, result, outputs, failed, batch } = summary;
  const id = shortId(batch);
  const options = place?.options ?? "";
  return h(
    "section",
    { class: "panel result", id: "result", "aria-labelledby": "result-head" },
    h(
      "header",
      null,
      h("h2", { id: "result-head" }, "Result"),
      h("span", { class: "soft num" }, leadOf(summary)),
      h(
        "span",
        { class: "files right" },
        result && h(FileLink, { href: `${base}/result`, name: "result.json", size: result.bytes }),
        outputs && h(FileLink, { href: `${base}/outputs`, name: "outputs.jsonl", size: outputs.bytes }),
        failed && h(FileLink, { href: `${base}/failed`, name: "failed.jsonl", size: null }),
      ),
    ),
    h(
      "div",
      { class: "inner result-columns" },
      result
        ? result.bytes > MOST_BYTES
          ? h("p", { class: "soft" }, `The value has ${bytes(result.bytes)}: download it.`)
          : h(Value, { read, known: result.value === undefined ? null : JSON.stringify(result.value) })
        : h(
            "p",
            { class: "soft" },
            items.succeeded === 0
              ? "There is no result."
              : "This job joins nothing: its result is its counts",
          ),
      h(
        "div",
        { class: "same" },
        h("p", { class: "soft" }, "The same on the command line"),
        result
          ? h(Command, { text: `fanjoin result ${id}${options}` })
          : h(Command, { text: `fanjoin show ${id}${options}` }),
        failed && h(Command, { text: `fanjoin failed ${id} --csv${options}` }),
      ),
    ),
  );
}

/** `all 10,412 items that succeeded, joined in input order`. */
export function leadOf({ items, result }: Pick<BatchSummary, "items" | "result">): string {
  if (!result) return "";
  if (items.succeeded === 0) return "no item succeeded";
  return `${items.succeeded === 1 ? "the one item" : `all ${count(items.succeeded)} items`} that succeeded, joined in input order`;
}

function FileLink({
  href,
  name,
  size,
}: {
  readonly href: string;
  readonly name: string;
  readonly size: number | null;
}): JSX.Element {
  return h(
    "a",
    { class: "button small", href, download: name },
    name,
    size !== null && h("span", { class: "soft num" }, bytes(size)),
  );
}

function Value({
  read,
  known,
}: {
  readonly read: () => Promise<string>;
  readonly known: string | null;
}): JSX.Element {
  const [text, setText] = useState(known);
  const [problem, setProblem] = useState<string | null>(null);
  const [isAll, setAll] = useState(false);
  useEffect(() => {
    if (known !== null) return setText(known);
    read().then(setText, (error: unknown) =>
      setProblem(error instanceof Error ? error.message : String(error)),
    );
  }, [known]);
  if (problem !== null) return h("p", { class: "bad" }, problem);
  if (text === null) return h("p", { class: "wait" }, "reading");
  const lines = pretty(text).split("\n");
  const shown = isAll ? lines : lines.slice(0, SHORT_LINES);
  return h(
    "div",
    { class: "value-box" },
    h(JsonText, { text: shown.join("\n") }),
    shown.length < lines.length &&
      h(
        "button",
        { type: "button", class: "as-link", onClick: () => setAll(true) },
        `Show all ${counted(lines.length, "line")}`,
      ),
  );
}

/** A text that is not JSON is shown as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
