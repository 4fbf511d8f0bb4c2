/** One field of the form, for one property of the schema of params. */
import { h } from "preact";
import type { JSX } from "preact";
import { plainText } from "./schema-words.ts";
import type { FormField } from "./schema-words.ts";

export interface ParamFieldProps {
  readonly field: FormField;
  readonly value: string;
  /** `null`: it is fine. */
  readonly error: string | null;
  readonly onInput: (value: string) => void;
}

export function ParamField({ field, value, error, onInput }: ParamFieldProps): JSX.Element {
  const id = `param-${field.name}`;
  const notes = `${id}-notes`;
  const shared = {
    id,
    "aria-describedby": notes,
    "aria-invalid": error !== null,
    required: field.required && field.kind !== "checkbox",
  };
  return h(
    "div",
    { class: field.kind === "json" ? "field wide" : "field" },
    h("label", { for: id }, field.name),
    control(field, value, shared, onInput),
    h(
      "p",
      { id: notes, class: "hint" },
      error === null
        ? h("span", { class: "soft" }, field.hint)
        : h("span", { class: "bad", role: "alert" }, error),
    ),
  );
}

function control(
  { kind, options, required }: FormField,
  value: string,
  shared: { readonly id: string },
  onInput: (value: string) => void,
): JSX.Element {
  const onText = (event: Event): void => onInput((event.currentTarget as HTMLInputElement).value);
  if (kind === "checkbox")
    return h("input", {
      ...shared,
      type: "checkbox",
      checked: value === "true",
      onChange: (event) => onInput(String(event.currentTarget.checked)),
    });
  if (kind === "select")
    return h(
      "select",
      { ...shared, value, onChange: onText },
      !required && h("option", { value: "" }, "—"),
      ...options.map((one) => {
        const text = JSON.stringify(one);
        return h("option", { key: text, value: text, selected: text === value }, plainText(one));
      }),
    );
  if (kind === "json") return h("textarea", { ...shared, value, spellcheck: false, onInput: onText });
  return h("input", {
    ...shared,
    type: "text",
    class: "mono",
    value,
    ...(kind === "number" ? { inputMode: "decimal" as const } : {}),
    spellcheck: false,
    autocomplete: "off",
    onInput: onText,
  });
}
