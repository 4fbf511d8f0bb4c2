/** The failed items of a batch in groups, also while it runs. */
import { h } from "preact";
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { counted } from "../../../format.ts";
import { Icon } from "../../parts/icon.ts";
import type { PageLook } from "../../parts/top/look.ts";
import type { LiveFailures, LiveGroup } from "../../../core/failures/failure-summary.ts";
import { groupedText, messageOf, placeText } from "../../words/failures.ts";
import { FailedGroup, groupKey } from "./failed-group.ts";
import type { GroupActions } from "./failed-group.ts";
import { keptOrder } from "./kept-order.ts";

export interface FailedItemsProps {
  readonly failures: LiveFailures;
  /** All failed items of the batch. */
  readonly failed: number;
  readonly working: boolean;
  /** The groups are of the items that failed again. */
  readonly isRedrive: boolean;
  readonly look: PageLook;
  readonly actions: GroupActions;
}

/** Groups that are shown at once: 3 while it works, when other things matter, too. */
const AT_ONCE = { working: 3, ended: 6 };
/** From here on there is a search. */
const SEARCH_FROM = 20;

export function FailedItems(props: FailedItemsProps): JSX.Element | null {
  const { failures, failed, working, isRedrive, look, actions } = props;
  const [isAll, setAll] = useState(false);
  const [search, setSearch] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const order = useRef<readonly string[]>([]);
  const isHeld = working && list.current !== null && isUsed(list.current);
  const groups = keptOrder(failures.groups, isHeld ? order.current : [], groupKey);
  order.current = groups.map(groupKey);
  if (failed === 0 && groups.length === 0) return working ? null : NoneFailed();
  const rows = (some: readonly LiveGroup[]): JSX.Element[] =>
    some.map((group) => h(FailedGroup, { key: groupKey(group), group, working, look, actions }));
  const found = search === "" ? groups : groups.filter((group) => matches(group, search));
  const most = isAll || search !== "" ? found.length : AT_ONCE[working ? "working" : "ended"];
  const [shown, hidden] = [found.slice(0, most), found.slice(most)];
  const hiddenItems = sum(hidden) + (search === "" ? failures.others : 0);
  return h(
    "section",
    { class: "panel failed", id: "failed", "aria-labelledby": "failed-head" },
    h(
      "header",
      null,
      h("h2", { id: "failed-head" }, "Failed items"),
      h("span", { class: "soft num" }, groupedText(failures, failed, { working, isRedrive })),
      working &&
        !look.narrow &&
        h("span", { class: "soft right" }, "Redrive is possible once the batch has ended"),
      !working && groups.length > SEARCH_FROM && h(Search, { search, onSearch: setSearch }),
    ),
    h("ul", { class: "groups", ref: list, hidden: shown.length === 0 }, ...rows(shown)),
    search !== "" && found.length === 0 && h("p", { class: "panel-foot soft" }, `No group has "${search}".`),
    hidden.length > 0
      ? h(
          "p",
          { class: "panel-foot soft num" },
          `${counted(hidden.length, "more group")}, ${counted(hiddenItems, "item")}`,
          h("button", { type: "button", class: "as-link", onClick: () => setAll(true) }, "Show all"),
        )
      : failures.others > 0 &&
          h("p", { class: "panel-foot soft num" }, `others, ${counted(failures.others, "item")}`),
  );
}

function NoneFailed(): JSX.Element {
  return h(
    "section",
    { class: "panel failed", id: "failed", "aria-labelledby": "failed-head" },
    h("header", null, h("h2", { id: "failed-head" }, "No item failed")),
  );
}

function Search({
  search,
  onSearch,
}: {
  readonly search: string;
  readonly onSearch: (search: string) => void;
}): JSX.Element {
  const words = "Search messages and places";
  return h(
    "label",
    { class: "search right" },
    h(Icon, { name: "search" }),
    h("span", { class: "hidden-text" }, words),
    h("input", {
      type: "search",
      placeholder: words,
      value: search,
      onInput: (event) => onSearch(event.currentTarget.value),
    }),
  );
}

/** Whether the pointer or the focus is in it: then nothing moves. */
function isUsed(list: HTMLElement): boolean {
  return list.matches(":hover") || list.contains(document.activeElement);
}

function matches(group: LiveGroup, search: string): boolean {
  const wanted = search.toLowerCase();
  const texts = [messageOf(group), group.code, group.class ?? "", ...group.first.map(placeText)];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

function sum(groups: readonly LiveGroup[]): number {
  return groups.reduce((all, group) => all + group.count, 0);
}
