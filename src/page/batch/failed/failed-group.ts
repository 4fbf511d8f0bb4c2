/** One group of failed items: a row, and its first items once it is open. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { count } from "../../../format.ts";
import type { FailedLine } from "../../../core/failures/failed-line.ts";
import { Icon } from "../../parts/icon.ts";
import type { PageLook } from "../../parts/top/look.ts";
import { Message } from "../../parts/message.ts";
import type { FailedItemsPage } from "../../../api/answers.ts";
import type { LiveGroup } from "../../../core/failures/failure-summary.ts";
import { messageOf, triesText, whereText } from "../../words/failures.ts";
import { printable } from "../../words/printable.ts";
import { ago } from "../../words/times.ts";
import { FailedItem } from "./failed-item.ts";

export interface GroupActions {
  /** The first items of a group, in input order. `after` continues. */
  readonly items: (group: string, after: string | null, limit: number) => Promise<FailedItemsPage>;
  /** `null`: nothing can be redriven now. */
  readonly redrive: ((group: LiveGroup) => void) | null;
  /** Where all of them are, as JSON lines. `null`: not yet. */
  readonly download: string | null;
}

export interface FailedGroupProps {
  readonly group: LiveGroup;
  readonly working: boolean;
  readonly look: PageLook;
  readonly actions: GroupActions;
}

export function FailedGroup({ group, working, look, actions }: FailedGroupProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const key = groupKey(group);
  const { redrive } = actions;
  return h(
    "li",
    { class: isOpen ? "group open" : "group" },
    h(
      "div",
      { class: "group-row" },
      h(
        "button",
        {
          type: "button",
          class: "group-head",
          "data-row": key,
          "aria-expanded": isOpen,
          "aria-controls": `items-${key}`,
          onClick: () => setOpen(!isOpen),
        },
        h(Icon, { name: "chevron" }),
        h("span", { class: "group-count num" }, count(group.count)),
        h(
          "span",
          { class: "group-text" },
          h("span", { class: "group-message" }, h(Message, { text: messageOf(group) })),
          h(Facts, { group, working, narrow: look.narrow }),
        ),
      ),
      working
        ? h(
            "span",
            { class: "right soft num" },
            group.latestAt === undefined ? "" : `latest ${ago(Date.parse(group.latestAt), look.now)}`,
          )
        : h(
            "span",
            { class: "right group-side" },
            h("span", { class: "soft advice" }, group.advice),
            redrive &&
              group.id !== undefined &&
              h(
                "button",
                { type: "button", class: "button small", onClick: () => redrive(group) },
                `Redrive ${count(group.count)}…`,
              ),
          ),
    ),
    isOpen && h(OpenGroup, { group, id: `items-${key}`, actions, working }),
  );
}

/** Groups of an older fanjoin have no id. */
export function groupKey({ id, code, class: name, message }: LiveGroup): string {
  return (id ?? `${code}-${name ?? ""}-${message ?? ""}`).replaceAll(/[^\w-]+/g, "_").slice(0, 80);
}

function Facts({
  group,
  working,
  narrow,
}: {
  readonly group: LiveGroup;
  readonly working: boolean;
  readonly narrow: boolean;
}): JSX.Element {
  const name = group.class === null ? null : printable(group.class);
  const more =
    narrow && group.lines === undefined ? [] : [whereText(group, working), narrow ? null : triesText(group)];
  const text = [name, ...more].filter((one) => one !== null);
  return h(
    "span",
    { class: "facts soft num" },
    h("code", null, group.code),
    text.map((one) => ` · ${one}`).join(""),
  );
}

const AT_FIRST = 2;
const STEP = 20;

function OpenGroup({
  group,
  id,
  actions,
  working,
}: {
  readonly group: LiveGroup;
  readonly id: string;
  readonly actions: GroupActions;
  readonly working: boolean;
}): JSX.Element {
  const [page, setPage] = useState<FailedItemsPage | null>(null);
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const given = group.items ?? [];
  const groupId = group.id;
  const more = async (after: string | null, known: readonly FailedLine[], limit: number): Promise<void> => {
    if (groupId === undefined) return;
    setAsked(true);
    try {
      const next = await actions.items(groupId, after, limit);
      setPage({ items: [...known, ...next.items], cursor: next.cursor });
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setAsked(false);
  };
  useEffect(() => {
    if (given.length === 0) void more(null, [], AT_FIRST);
  }, [groupId]);
  const items = page?.items ?? given.slice(0, AT_FIRST);
  const left = Math.max(0, group.count - items.length);
  const next = Math.min(STEP - AT_FIRST, left);
  const canShow = left > 0 && groupId !== undefined && (page === null || page.cursor !== null);
  return h(
    "div",
    { class: "group-items", id, role: "region", "aria-label": `Items: ${messageOf(group)}` },
    h(
      "ul",
      null,
      ...items.map((line) =>
        h(FailedItem, {
          key: `${line.source}.${line.chunk}.${line.index ?? line.offset}`,
          line,
          still: false,
        }),
      ),
    ),
    problem !== null && h("p", { class: "bad", role: "alert" }, problem),
    h(
      "p",
      { class: "group-foot soft num" },
      `${count(items.length)} of ${count(group.count)} shown`,
      canShow &&
        h(
          "button",
          {
            type: "button",
            class: "as-link",
            disabled: asked,
            onClick: () => void (page ? more(page.cursor, page.items, STEP) : more(null, [], STEP)),
          },
          asked ? "Reading…" : `Show ${count(next)} more`,
        ),
      !working &&
        actions.download !== null &&
        h("a", { href: actions.download, download: "" }, "All failed items as JSON lines"),
    ),
  );
}
