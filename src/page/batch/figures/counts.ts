/** The counts of a batch, as a sum that can be checked by eye. */
import { h } from "preact";
import type { ComponentChildren, JSX } from "preact";
import { count, counted, duration, rate } from "../../../format.ts";
import { Bar } from "../../parts/bar.ts";
import { Icon } from "../../parts/icon.ts";
import type { PageLook } from "../../parts/top/look.ts";
import type { BatchHistory } from "../../../core/history/history.ts";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import { Swatch } from "../../timeline/legend.ts";
import { hasEnded } from "../../words/states.ts";
import { figuresSentence } from "./figures-words.ts";
import {
  accounting,
  barShares,
  chunkWords,
  endedChunkWords,
  leftWords,
  percentDone,
  readWords,
  waitingWords,
} from "./progress-words.ts";

export interface CountsProps {
  readonly summary: BatchSummary;
  readonly history: BatchHistory | null;
  readonly look: PageLook;
}

const BAR_WIDTH = 1150;

export function Counts({ summary, history, look }: CountsProps): JSX.Element {
  const ended = hasEnded(summary.state);
  const percent = percentDone(summary);
  const label = barWords(summary, look);
  return h(
    "section",
    { class: "panel counts", "aria-label": "Counts" },
    ended ? h(EndedHead, { summary }) : h(WorkingHead, { summary, look }),
    h(Bar, {
      shares: barShares(summary),
      width: look.narrow ? 300 : BAR_WIDTH,
      height: isUnknown(summary) ? 2 : 10,
      percent: ended ? 100 : percent,
      ...(ended ? {} : { label }),
    }),
    h("div", { class: "sum-line" }, h(Sum, { summary, ended }), h(Aside, { summary, ended })),
    h(RedriveLine, { summary }),
    look.narrow && h(NarrowLines, { summary, history, ended }),
  );
}

/** How much there is shows at the end only. */
function isUnknown({ state, progress }: BatchSummary): boolean {
  return !hasEnded(state) && progress?.of === null && progress.failedBefore === null;
}

/** For readers of screens. */
function barWords(summary: BatchSummary, look: PageLook): string {
  const percent = percentDone(summary);
  const left = leftWords(summary, look.now, look.zone)?.left;
  return [
    percent === null
      ? `${counted(summary.items.succeeded + summary.items.failed, "item")} so far`
      : `${percent} %`,
    ...(left === undefined ? [] : [left]),
    `${count(summary.items.failed)} failed`,
  ].join(", ");
}

function WorkingHead({
  summary,
  look,
}: {
  readonly summary: BatchSummary;
  readonly look: PageLook;
}): JSX.Element {
  const percent = percentDone(summary);
  const left = leftWords(summary, look.now, look.zone);
  const done = summary.items.succeeded + summary.items.failed;
  return h(
    "div",
    { class: "counts-head" },
    percent === null
      ? h(
          "p",
          { class: "so-far num" },
          h("span", { class: "headline" }, counted(done, "item")),
          ` so far${summary.progress?.failedBefore === null ? "; how many there are shows at the end" : ""}`,
        )
      : h("p", { class: "percent num" }, `${percent} %`),
    left &&
      h(
        "p",
        { class: "num" },
        left.left,
        left.ends !== null && !look.narrow && h("span", { class: "soft" }, ` · ${left.ends}`),
      ),
    h("p", { class: "right soft num" }, readWords(summary)),
  );
}

function EndedHead({ summary }: { readonly summary: BatchSummary }): JSX.Element {
  const { items, seconds } = summary;
  const done = items.succeeded + items.failed;
  const total = items.total ?? done;
  const text =
    total === 0
      ? "The input has no items"
      : `${counted(total, "item")}${seconds === null ? "" : ` in ${duration(seconds)}`}`;
  const speed =
    seconds !== null && seconds >= 0.1 && done > 1
      ? `${rate(done / seconds).replace("/s", " a second")} · `
      : "";
  return h(
    "div",
    { class: "counts-head" },
    h("p", { class: "headline num" }, text),
    h("p", { class: "right soft num" }, `${speed}${endedChunkWords(summary)}`),
  );
}

interface Term {
  readonly kind: string;
  readonly name: string;
  readonly value: string;
  readonly tone?: string;
  readonly operator?: "+" | "=";
}

function termsOf({ items }: BatchSummary, ended: boolean): readonly Term[] {
  const { succeeded, failed, skipped } = items;
  const done = succeeded + failed + (ended ? 0 : (skipped ?? 0));
  const total = ended ? items.total : done;
  return [
    { kind: "settled", name: "succeeded", value: count(succeeded), tone: succeeded === 0 ? "faint" : "" },
    {
      kind: "failed",
      name: "failed",
      value: count(failed),
      operator: "+",
      tone: failed === 0 ? "faint" : "bad",
    },
    {
      kind: "skipped",
      name: "skipped",
      value: skipped === null ? "not known" : count(skipped),
      operator: "+",
      tone: skipped === 0 ? "faint" : "",
    },
    {
      kind: "",
      name: ended ? "items" : "items done",
      value: total === null ? "not known" : count(total),
      operator: "=",
    },
  ];
}

/** The operators are for the eye; a sentence beside them says the same. */
function Sum({ summary, ended }: { readonly summary: BatchSummary; readonly ended: boolean }): JSX.Element {
  const terms = termsOf(summary, ended);
  const { progress } = summary;
  const waiting = progress && !ended ? waitingWords(progress) : null;
  const inFlight = (ended ? null : progress?.inFlight) ?? null;
  return h(
    "div",
    { class: "sum" },
    h("p", { class: "hidden-text" }, terms.map(({ value, name }) => `${value} ${name}`).join(", ")),
    h(
      "dl",
      { class: "num" },
      ...terms.map(({ kind, name, value, tone = "", operator }) =>
        h(
          "div",
          { key: name, class: operator === "=" ? "term total" : "term" },
          h(
            "dt",
            null,
            operator && h("span", { class: "operator", "aria-hidden": "true" }, operator),
            kind !== "" && h(Swatch, { kind }),
            name,
          ),
          h("dd", { class: `value ${tone}` }, value),
        ),
      ),
      ...(inFlight !== null
        ? [h(Beside, { key: "flight", kind: "running", name: "in flight", first: true }, count(inFlight))]
        : []),
      ...(waiting === null
        ? []
        : [
            h(
              Beside,
              { key: "waiting", kind: "waiting", name: "waiting", first: inFlight === null },
              waiting,
            ),
          ]),
    ),
  );
}

/** A number that stands beside the sum, not in it. */
function Beside({
  kind,
  name,
  first,
  children,
}: {
  readonly kind: string;
  readonly name: string;
  readonly first: boolean;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return h(
    "div",
    { class: first ? "term beside first" : "term beside" },
    h("dt", null, h(Swatch, { kind }), name),
    h("dd", { class: "value" }, children),
  );
}

function Aside({ summary, ended }: { readonly summary: BatchSummary; readonly ended: boolean }): JSX.Element {
  if (!ended) return h("p", { class: "right soft num" }, chunkWords(summary));
  const account = accounting(summary.items);
  if (account === "whole")
    return h(
      "p",
      { class: "right account tone-ok" },
      h(Icon, { name: "tick" }),
      "Every item is accounted for",
    );
  if (account === "not-known") return h("p", { class: "right soft" }, "The rest of the input was not read");
  return h(
    "p",
    { class: "right account tone-bad" },
    h(Icon, { name: "octagon" }),
    "These counts do not add up. This is a fault of fanjoin: please report it with the file report.json",
  );
}

function RedriveLine({ summary }: { readonly summary: BatchSummary }): JSX.Element | null {
  const before = summary.progress?.failedBefore ?? null;
  if (before === null || hasEnded(summary.state)) return null;
  const passed = Math.max(0, before - summary.items.failed);
  return h(
    "p",
    { class: "redrive-line soft num" },
    before === 0
      ? "Redrive: what was skipped is done"
      : `Redrive: ${count(passed)} of ${counted(before, "failed item")} succeeded so far`,
  );
}

/** On a narrow screen sentences stand in place of figures. */
function NarrowLines({
  summary,
  history,
  ended,
}: Omit<CountsProps, "look"> & { readonly ended: boolean }): JSX.Element {
  const { progress } = summary;
  const waiting = progress && !ended ? waitingWords(progress)?.replace("≈", "about") : undefined;
  const inFlight = (ended ? null : progress?.inFlight) ?? null;
  const flight = inFlight === null ? undefined : `${count(inFlight)} in flight`;
  const first = [flight, waiting === undefined ? undefined : `${waiting} waiting`].filter(
    (one) => one !== undefined,
  );
  return h(
    "div",
    { class: "narrow-lines soft num" },
    first.length > 0 && h("p", null, first.join(", ")),
    history && h("p", null, figuresSentence(history, ended)),
  );
}
