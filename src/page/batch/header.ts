/** The head of a batch: where it is, what it is, what can be done. */
import { h } from "preact";
import type { JSX } from "preact";
import { count, counted } from "../../format.ts";
import { batchesPath, jobPath } from "../live/routes.ts";
import { CopyButton } from "../parts/copy-button.ts";
import { Icon } from "../parts/icon.ts";
import type { PageLook } from "../parts/top/look.ts";
import { StatePill } from "../parts/state-pill.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { PlaceView } from "../place-view.ts";
import { printable } from "../words/printable.ts";
import { hasEnded } from "../words/states.ts";
import { longAgo, moment, period, utc } from "../words/times.ts";
import { UNDER_WAY, verbsOf } from "./actions.ts";
import type { Verb } from "./actions.ts";
import { inputText } from "./details-rows.ts";

export interface BatchHeaderProps {
  readonly summary: BatchSummary;
  readonly look: PageLook;
  readonly acting: Verb | null;
  /** Why buttons do nothing now. `null`: they work. */
  readonly disabled: string | null;
  readonly onVerb: (verb: Verb) => void;
}

export function BatchHeader({ summary, look, acting, disabled, onVerb }: BatchHeaderProps): JSX.Element {
  const { batch, job, state } = summary;
  return h(
    "div",
    { class: "batch-head" },
    h(
      "nav",
      { class: "crumbs", "aria-label": "Path" },
      look.narrow
        ? h("a", { href: batchesPath() }, h(Icon, { name: "chevron-left" }), "Batches")
        : [
            h("a", { key: "all", href: batchesPath() }, "Batches"),
            h("span", { key: "s1", "aria-hidden": "true" }, "/"),
            h("a", { key: "job", href: jobPath(job) }, printable(job)),
            h("span", { key: "s2", "aria-hidden": "true" }, "/"),
            h("code", { key: "id" }, batch),
            h(CopyButton, { key: "copy", text: batch, label: "Copy the id" }),
          ],
    ),
    h(
      "div",
      { class: "title-line" },
      h("h1", null, printable(job)),
      h(StatePill, { state }),
      h("div", { class: "actions" }, h(Buttons, { summary, acting, disabled, onVerb })),
    ),
    h("p", { class: "soft num facts-line" }, ...factsOf(summary, look)),
  );
}

function Buttons({ summary, acting, disabled, onVerb }: Omit<BatchHeaderProps, "look">): JSX.Element[] {
  const { batch, state } = summary;
  const buttons = verbsOf(summary).map((verb) =>
    h(
      "button",
      {
        key: verb,
        type: "button",
        class: verb === "redrive" || verb === "resume" ? "button primary" : "button",
        disabled: disabled !== null || acting !== null,
        ...(disabled === null ? {} : { title: disabled }),
        onClick: () => onVerb(verb),
      },
      acting === verb ? UNDER_WAY[verb] : buttonWord(verb, summary),
    ),
  );
  if (!hasEnded(state)) return buttons;
  const report = h(
    "a",
    {
      key: "report",
      class: "button",
      href: `/batches/${encodeURIComponent(batch)}/report`,
      target: "_blank",
      rel: "noopener",
    },
    "Report",
  );
  return [report, ...buttons];
}

function buttonWord(verb: Verb, { items }: BatchSummary): string {
  if (verb === "pause") return "Pause";
  if (verb === "resume") return "Resume";
  if (verb === "cancel") return "Cancel…";
  return items.failed > 0 ? `Redrive ${counted(items.failed, "failed item")}…` : "Redrive what was skipped…";
}

/** Input and size, when, where. */
export function factsOf(summary: BatchSummary, look: PageLook): (JSX.Element | string)[] {
  const { details, createdAt, endedAt, state } = summary;
  const start = Date.parse(summary.redrivenAt ?? createdAt);
  const dots = (parts: readonly (JSX.Element | string)[]): (JSX.Element | string)[] =>
    parts.flatMap((part, at) => (at === 0 ? [part] : [" · ", part]));
  const time = (text: string): JSX.Element =>
    h("time", { dateTime: new Date(start).toISOString(), title: utc(start) }, text);
  const began = summary.redrivenAt === undefined ? "started" : "redrive began";
  const when =
    endedAt !== null && hasEnded(state)
      ? time(period(start, Date.parse(endedAt), look.now, look.zone))
      : look.narrow
        ? time(`${began} ${longAgo(start, look.now)}`)
        : time(`${began} at ${moment(start, look.now, look.zone)}, ${longAgo(start, look.now)}`);
  const where = details ? whereText(details, look) : null;
  return dots([
    ...(details ? [inputText(details)] : []),
    when,
    ...(where === null || look.narrow ? [] : [where]),
  ]);
}

function whereText({ where, threads }: NonNullable<BatchSummary["details"]>, look: PageLook): string | null {
  if (where === "aws") return "Lambda";
  const machine = look.report ? "one machine" : "this machine";
  return threads === null
    ? machine
    : `${count(threads)} ${threads === 1 ? "thread" : "threads"} of ${machine}`;
}

export function placeText(place: PlaceView): JSX.Element {
  if (place.kind === "stack") return h("span", null, "stack ", h("strong", null, printable(place.name)));
  return h("span", null, "this machine · ", h("code", null, printable(place.name)));
}
