/** What an item has to be: its properties in words, and the JSON Schema. */
import { h } from "preact";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { isObject } from "../../core/json/json.ts";
import { JsonText } from "../parts/json-text.ts";
import type { JobView } from "../../api/answers.ts";
import { ruleText, typeText } from "./schema-words.ts";

export function ItemShape({ job }: { readonly job: JobView }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const schema = job.schemas.item;
  const properties =
    isObject(schema) && isObject(schema["properties"]) ? Object.entries(schema["properties"]) : [];
  const what = job.reader.kind === "csv" ? "a row" : job.reader.kind === "lines" ? "a line" : "it";
  return h(
    "section",
    { class: "panel shape", "aria-labelledby": "item-head" },
    h(
      "header",
      null,
      h("h2", { id: "item-head" }, "An item"),
      schema !== null && h("span", { class: "soft" }, `what ${what} has to be`),
    ),
    h(
      "div",
      { class: "inner" },
      schema === null &&
        h("p", { class: "soft" }, "The job has no schema: each item is taken as it is read."),
      properties.length > 0 &&
        h(
          "table",
          { class: "small-table shape-table" },
          h(
            "thead",
            { class: "hidden-text" },
            h(
              "tr",
              null,
              ...["Property", "Type", "Rule"].map((name) => h("th", { key: name, scope: "col" }, name)),
            ),
          ),
          h(
            "tbody",
            null,
            ...properties.map(([name, property]) =>
              h(
                "tr",
                { key: name },
                h("td", null, h("code", null, name)),
                h("td", { class: "soft" }, typeText(property)),
                h("td", { class: "soft" }, ruleText(property)),
              ),
            ),
          ),
        ),
      schema !== null &&
        properties.length === 0 &&
        h(
          "p",
          { class: "soft" },
          [typeText(schema), ruleText(schema)].filter((text) => text !== "").join(", "),
        ),
      schema !== null &&
        h(
          "button",
          { type: "button", class: "as-link", "aria-expanded": isOpen, onClick: () => setOpen(!isOpen) },
          isOpen ? "Hide the JSON Schema" : "Show the JSON Schema",
        ),
      isOpen && schema !== null && h(JsonText, { text: JSON.stringify(schema, null, 2) }),
    ),
  );
}
