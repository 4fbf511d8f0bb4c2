/** Filters of the list. They are in the address. */
import { h } from "preact";
import type { JSX } from "preact";
import { BATCH_STATES } from "../../core/records/batch/batch.ts";
import type { Filters as FilterValues } from "../live/routes.ts";
import { Icon } from "../parts/icon.ts";
import { wordsOf } from "../words/states.ts";

export interface FiltersProps {
  readonly filters: FilterValues;
  readonly jobs: readonly string[];
  readonly onChange: (filters: FilterValues) => void;
}

export function Filters({ filters, jobs, onChange }: FiltersProps): JSX.Element {
  const names = [...new Set([...jobs, ...(filters.job === "" ? [] : [filters.job])])].toSorted();
  return h(
    "search",
    { class: "filters" },
    h(
      "label",
      { class: "search" },
      h(Icon, { name: "search" }),
      h("span", { class: "hidden-text" }, "Find by id"),
      h("input", {
        type: "search",
        id: "find",
        placeholder: "Find by id",
        value: filters.batch,
        maxLength: 64,
        spellcheck: false,
        autocomplete: "off",
        onInput: (event) => onChange({ ...filters, batch: event.currentTarget.value.trim().toUpperCase() }),
      }),
      h("kbd", { "aria-hidden": "true" }, "/"),
    ),
    h(Choice, {
      name: "Job",
      value: filters.job,
      options: names.map((job) => [job, job] as const),
      onChange: (job) => onChange({ ...filters, job }),
    }),
    h(Choice, {
      name: "State",
      value: filters.state,
      options: BATCH_STATES.map((state) => [state, wordsOf(state).word] as const),
      onChange: (state) => onChange({ ...filters, state }),
    }),
  );
}

function Choice({
  name,
  value,
  options,
  onChange,
}: {
  readonly name: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}): JSX.Element {
  return h(
    "label",
    { class: "filter" },
    h("span", { class: "soft" }, name),
    h(
      "select",
      {
        "aria-label": name,
        value,
        onChange: (event: Event) => onChange((event.currentTarget as HTMLSelectElement).value),
      },
      h("option", { value: "" }, "any"),
      ...options.map(([one, text]) => h("option", { key: one, value: one, selected: one === value }, text)),
    ),
  );
}
