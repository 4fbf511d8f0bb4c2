/** The strips under the head of a batch. */
import { h } from "preact";
import type { JSX } from "preact";
import { Command } from "../parts/command.ts";
import { Strip } from "../parts/strip.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { PlaceView } from "../place-view.ts";
import { verbsOf } from "./actions.ts";
import type { Verb } from "./actions.ts";
import { endedMeanwhile as endedWords, stripWords } from "./strip-words.ts";
import type { StripWords } from "./strip-words.ts";

export interface BatchStripProps {
  readonly summary: BatchSummary;
  readonly place: PlaceView | null;
  /** It ended while the page was open. */
  readonly endedMeanwhile: boolean;
  /** `null`: in a report nothing can be pressed. */
  readonly onVerb: ((verb: Verb) => void) | null;
}

export function BatchStrip({ summary, place, endedMeanwhile, onVerb }: BatchStripProps): JSX.Element {
  const ended = endedMeanwhile ? endedWords(summary) : null;
  const strips = [...(ended ? [ended] : []), ...stripWords(summary, place)];
  return h(
    "div",
    null,
    ...strips.map((words) =>
      h(
        Strip,
        { key: words.text, tone: words.tone },
        h("span", { class: "num" }, words.text),
        words.command !== undefined && onVerb && h(Command, { text: words.command }),
        onVerb && h(Action, { words, summary, onVerb }),
      ),
    ),
  );
}

function Action({
  words: { action },
  summary,
  onVerb,
}: {
  readonly words: StripWords;
  readonly summary: BatchSummary;
  readonly onVerb: (verb: Verb) => void;
}): JSX.Element | null {
  if (action === undefined) return null;
  if (action === "show-failed") return h("a", { href: "#failed" }, "Show them");
  if (!verbsOf(summary).includes(action)) return null;
  const word = action === "resume" ? "Resume" : "Redrive does them…";
  return h("button", { type: "button", class: "as-link", onClick: () => onVerb(action) }, word);
}
