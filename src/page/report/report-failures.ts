/** Failed items on paper: all groups as a table, and a few items of each. */
import { h } from "preact";
import type { JSX } from "preact";
import { count, counted } from "../../format.ts";
import { FailedItem } from "../batch/failed/failed-item.ts";
import { Message } from "../parts/message.ts";
import type { FailurePlace, LiveFailures, LiveGroup } from "../../core/failures/failure-summary.ts";
import { messageOf, placeText } from "../words/failures.ts";
import { cut, printable } from "../words/printable.ts";

const PLACES = 3;
const ITEMS = 3;
/** Of a message. */
const MOST_CHARACTERS = 200;

export function GroupTable({
  failures: { groups, others },
  failed,
}: {
  readonly failures: LiveFailures;
  readonly failed: number;
}): JSX.Element {
  if (groups.length === 0)
    return h(
      "section",
      { class: "report-groups" },
      h("h2", null, failed === 0 ? "No item failed" : `${counted(failed, "failed item")}, in failed.jsonl`),
    );
  return h(
    "section",
    { class: "report-groups", "aria-labelledby": "failed-head" },
    h(
      "header",
      null,
      h("h2", { id: "failed-head" }, "Failed items"),
      h(
        "span",
        { class: "soft num" },
        `${count(failed)} in ${counted(groups.length, "group")}; all of them in failed.jsonl`,
      ),
    ),
    h(
      "table",
      { class: "small-table" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          ...["Items", "Message", "Code, class", "First places"].map((name) =>
            h("th", { key: name, scope: "col", class: name === "Items" ? "right" : "" }, name),
          ),
        ),
      ),
      h("tbody", null, ...groups.map((group, at) => h(GroupRow, { key: at, group }))),
    ),
    others > 0 && h("p", { class: "soft num" }, `others, ${counted(others, "item")}`),
  );
}

function GroupRow({ group }: { readonly group: LiveGroup }): JSX.Element {
  const { code, class: name, first } = group;
  return h(
    "tr",
    null,
    h("td", { class: "right num strong" }, count(group.count)),
    h("td", null, h(Message, { text: cut(messageOf(group), MOST_CHARACTERS) })),
    h("td", null, h("code", null, name === null ? code : `${code}, ${printable(name)}`)),
    h("td", { class: "num soft" }, placesText(first.slice(0, PLACES))),
  );
}

/** `suppliers.csv:32, 454, 665`: a source is named once. */
export function placesText(places: readonly FailurePlace[]): string {
  const [first, ...rest] = places;
  if (!first) return "";
  const others = rest.map((place) => {
    const isShort =
      place.source === first.source && place.line !== null && place.lines === undefined && !place.range;
    return isShort ? String(place.line) : placeText(place);
  });
  return [placeText(first), ...others].join(", ");
}

export function ItemSamples({
  failures,
  raw,
}: {
  readonly failures: LiveFailures;
  readonly raw: boolean;
}): JSX.Element | null {
  const groups = failures.groups.filter(({ items }) => items.length > 0);
  if (groups.length === 0) return null;
  return h(
    "section",
    { class: "report-items", "aria-labelledby": "items-head" },
    h("h2", { id: "items-head" }, "First items of each group"),
    ...groups.map((group, at) =>
      h(
        "div",
        { key: at, class: "report-group" },
        h(
          "h3",
          null,
          `${count(group.count)} · `,
          h(Message, { text: cut(messageOf(group), MOST_CHARACTERS) }),
          h("span", { class: "soft" }, ` · ${group.advice}`),
        ),
        h(
          "ul",
          null,
          ...group.items
            .slice(0, ITEMS)
            .map((line, place) =>
              h(FailedItem, { key: place, line: raw ? line : { ...line, item: null }, still: true }),
            ),
        ),
      ),
    ),
  );
}
