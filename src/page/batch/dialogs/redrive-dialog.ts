/** Asks which failed items are done again, and says how many they are. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { count, counted } from "../../../format.ts";
import { asRefusal } from "../../live/api.ts";
import { Dialog } from "../../parts/dialog.ts";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import type { RedriveForecast } from "../../../batch/steering/redrive-forecast.ts";
import type { LiveFailures, LiveGroup } from "../../../core/failures/failure-summary.ts";
import { messageOf } from "../../words/failures.ts";
import { act, codesThatMayPass, dryRedrive } from "../actions.ts";
import type { RedriveChoice } from "../actions.ts";
import { Answers } from "./answers.ts";

export interface RedriveDialogProps {
  readonly summary: BatchSummary;
  readonly failures: LiveFailures;
  /** The group whose button was pressed. */
  readonly group: LiveGroup | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

interface Counted extends RedriveChoice {
  readonly dry: RedriveForecast | null;
}

export function RedriveDialog(props: RedriveDialogProps): JSX.Element {
  const [{ summary, choices: asked }] = useState(() => ({
    summary: props.summary,
    choices: choicesOf(props),
  }));
  const [choices, setChoices] = useState<readonly Counted[]>(
    asked.map((choice) => ({ ...choice, dry: null })),
  );
  const [problem, setProblem] = useState<string | null>(null);
  const [at, setAt] = useState(
    Math.max(
      0,
      asked.findIndex(({ name }) => props.group !== null && name === GROUP),
    ),
  );
  const { batch, job, items } = summary;
  useEffect(() => {
    Promise.all(asked.map(async (choice) => ({ ...choice, dry: await dryRedrive(batch, choice.body) }))).then(
      setChoices,
      (error: unknown) => setProblem(asRefusal(error).message),
    );
  }, []);
  const chosen = choices[at];
  const size = chosen?.dry ? sizeOf(chosen.dry) : null;
  const total = items.total ?? items.succeeded + items.failed;
  return h(
    Dialog,
    { title: `Redrive failed items of ${job}?`, onClose: props.onClose, focus: "act" },
    h(
      "p",
      { class: "soft" },
      "They are done again with the job as it is now. What succeeded is not run again and keeps its value.",
    ),
    h(
      "div",
      { class: "choices", role: "radiogroup", "aria-label": "Which items" },
      ...choices.map((choice, index) =>
        h(Choice, { key: choice.name, choice, checked: index === at, onChoose: () => setAt(index) }),
      ),
    ),
    problem !== null && h("p", { class: "bad", role: "alert" }, problem),
    h(
      "p",
      { class: "soft num" },
      `Counts, result, outputs and the list of failed items become those of all ${counted(total, "item")}, in input order. Until then the present ones stay.`,
    ),
    h(Answers, {
      safe: "Not now",
      word:
        size === null
          ? "Redrive"
          : size === 0 && chosen?.dry?.goesOn !== true
            ? "Nothing to redrive"
            : `Redrive ${size === 0 ? "what is left" : counted(size, "item")}`,
      acting: "Redriving…",
      tone: "primary",
      disabled: !chosen || (size === 0 && chosen.dry?.goesOn !== true),
      act: async () => {
        await act("redrive", batch, chosen?.body ?? {});
        props.onDone();
      },
      onClose: props.onClose,
    }),
  );
}

const GROUP = "This group only";

function choicesOf({ failures, group, summary }: RedriveDialogProps): readonly RedriveChoice[] {
  const codes = codesThatMayPass(failures.groups);
  return [
    ...(codes.length === 0
      ? []
      : [{ name: "Those that may pass now", about: codes.join(" and "), body: { codes } }]),
    ...(group?.id === undefined
      ? []
      : [{ name: GROUP, about: messageOf(group), body: { groups: [group.id] } }]),
    { name: summary.items.failed === 0 ? "All that was skipped" : "All", about: "", body: {} },
  ];
}

function sizeOf({ failed, skipped }: RedriveForecast): number {
  return (failed ?? 0) + (skipped ?? 0);
}

function Choice({
  choice,
  checked,
  onChoose,
}: {
  readonly choice: Counted;
  readonly checked: boolean;
  readonly onChoose: () => void;
}): JSX.Element {
  const { name, dry } = choice;
  return h(
    "label",
    { class: checked ? "choice checked" : "choice" },
    h("input", { type: "radio", name: "redrive", checked, onChange: onChoose }),
    h(
      "span",
      { class: "choice-text" },
      h("span", null, name),
      h("span", { class: "soft" }, aboutText(choice)),
    ),
    h("span", { class: "strong num" }, dry ? (dry.failed === null ? "not known" : count(sizeOf(dry))) : ""),
  );
}

/** What the answer knows of these items, beside the choice's own words. */
function aboutText({ about, dry }: Counted): string {
  if (!dry) return about;
  const { notRetried, hasToChange, skipped, goesOn } = dry;
  const facts = [
    ...(about === "" ? [] : [about]),
    ...(notRetried > 0 && hasToChange === 0
      ? [`${count(notRetried)} of them failed without a second try`]
      : []),
    ...(hasToChange > 0
      ? [
          `${count(hasToChange)} of them failed for what is in the file: without a change of the job they fail again`,
        ]
      : []),
    ...(skipped !== null && skipped > 0 ? [`and ${counted(skipped, "skipped item")}`] : []),
    ...(goesOn ? ["the rest of the input is read"] : []),
  ];
  return facts.join("; ");
}
