/** The page of one batch: live, with what can be done to it. */
import { h } from "preact";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { address, get, getText } from "../live/api.ts";
import { announcement } from "../live/announce.ts";
import { connectionWords } from "../live/connection.ts";
import { useBatch } from "../live/follow-batch.ts";
import { useKeys } from "../live/keys.ts";
import { batchPath } from "../live/routes.ts";
import type { Site } from "../live/site.ts";
import { batchTitle, showTab } from "../live/tab.ts";
import type { PageLook } from "../parts/top/look.ts";
import { Loading, Problem } from "../parts/loading.ts";
import { Silence } from "../parts/top/silence.ts";
import type { BatchSnapshot } from "../../api/live/snapshot.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import type { BatchesAnswer, FailedItemsPage } from "../../api/answers.ts";
import type { LiveGroup } from "../../core/failures/failure-summary.ts";
import { hasEnded, isWorking, wordsOf } from "../words/states.ts";
import { act, verbsOf } from "./actions.ts";
import type { Verb } from "./actions.ts";
import { BatchDialogs } from "./dialogs/batch-dialogs.ts";
import type { Asked } from "./dialogs/batch-dialogs.ts";
import { BatchSections } from "./batch-sections.ts";
import { BatchHeader } from "./header.ts";
import { BatchStrip } from "./batch-strip.ts";

export function BatchPage({ site, batch }: { readonly site: Site; readonly batch: string }): JSX.Element {
  const { snapshot, refusal, again } = useBatch(site, batch);
  useSpoken(site, snapshot);
  if (snapshot) return h(Shown, { key: batch, site, snapshot, again });
  return h(
    "div",
    null,
    h(Silence, { site }),
    refusal
      ? h(Problem, {
          refusal,
          unknown: `There is no batch ${batch}.`,
          link: { href: "/", text: "All batches" },
        })
      : h(Loading, null),
  );
}

/** Speaks of changes. */
function useSpoken(site: Site, snapshot: BatchSnapshot | null): void {
  const before = useRef<BatchSnapshot | null>(null);
  const quarterAt = useRef(0);
  useEffect(() => {
    if (!snapshot) return;
    const spoken = announcement(before.current, snapshot, quarterAt.current);
    before.current = snapshot;
    quarterAt.current = spoken.quarterAt;
    if (spoken.text !== null) site.said.value = spoken.text;
  }, [snapshot]);
}

interface ShownProps {
  readonly site: Site;
  readonly snapshot: BatchSnapshot;
  readonly again: () => void;
}

function Shown({ site, snapshot, again }: ShownProps): JSX.Element {
  const { summary, failures } = snapshot;
  const { batch, state } = summary;
  const [openedWorking] = useState(!hasEnded(state));
  const [asked, setAsked] = useState<Asked | null>(null);
  const [acting, setActing] = useState<Verb | null>(null);
  const place = site.place.value;
  const silent = connectionWords(site.connection.value, site.here.value).silent;
  const look: PageLook = { zone: "local", now: site.now.value, report: false, narrow: site.narrow.value };
  useTab(summary);

  const onVerb = (verb: Verb, group: LiveGroup | null = null): void => {
    site.alarm.value = "";
    const asks = verb === "cancel" || verb === "redrive" || place?.changes === false;
    if (asks) return setAsked({ verb, group });
    setActing(verb);
    act(verb, batch)
      .then(again, (error: Error) => (site.alarm.value = error.message))
      .finally(() => setActing(null));
  };
  useBatchKeys(site, summary, onVerb);
  const groups = {
    items: (group: string, after: string | null, limit: number) =>
      get<FailedItemsPage>(
        `${address("batches", batch, "failed")}?${new URLSearchParams({ group, limit: String(limit), after: after ?? "" }).toString()}`,
      ),
    redrive: hasEnded(state) && !silent ? (group: LiveGroup) => onVerb("redrive", group) : null,
    download: hasEnded(state) && summary.failed ? address("batches", batch, "failed") : null,
  };
  return h(
    "div",
    { class: "batch" },
    h(BatchHeader, {
      summary,
      look,
      acting,
      disabled: silent ? "nothing answers at the moment" : null,
      onVerb,
    }),
    h(Silence, { site }),
    h(BatchStrip, { summary, place, endedMeanwhile: openedWorking && hasEnded(state), onVerb }),
    h(BatchSections, {
      snapshot,
      look,
      place,
      groups,
      readResult: () => getText(address("batches", batch, "result")),
      openedWorking,
    }),
    h(BatchDialogs, { asked, summary, failures, place, onClose: () => setAsked(null), onDone: again }),
  );
}

function useTab(summary: BatchSummary): void {
  useEffect(() => showTab(batchTitle(summary), wordsOf(summary.state).tone));
}

function useBatchKeys(site: Site, summary: BatchSummary, onVerb: (verb: Verb) => void): void {
  const verbs = verbsOf(summary);
  const may = (verb: Verb): (() => void) | undefined =>
    verbs.includes(verb) ? () => onVerb(verb) : undefined;
  const actions = {
    f: () => reveal("failed"),
    t: () => reveal("chunks"),
    p: may("pause") ?? may("resume"),
    c: may("cancel"),
    r: may("redrive"),
    e:
      hasEnded(summary.state) && !isWorking(summary.state)
        ? () => void open(`${batchPath(summary.batch)}/report`, "_blank", "noopener")
        : undefined,
    "[": () => void neighbourOf(summary, "older").then((path) => path !== null && site.go(path)),
    "]": () => void neighbourOf(summary, "newer").then((path) => path !== null && site.go(path)),
  };
  useKeys(
    Object.fromEntries(
      Object.entries(actions).flatMap(([key, action]) => (action ? [[key, action] as const] : [])),
    ),
  );
}

/** Scrolls there, and puts the focus there. */
export function reveal(id: string): void {
  const section = document.getElementById(id);
  if (!section) return;
  section.scrollIntoView({ block: "start" });
  const first = section.querySelector<HTMLElement>("button, a, [tabindex='0']");
  first?.focus({ preventScroll: true });
}

/** Pages of batches that are looked through for a neighbour. */
const MOST_PAGES = 10;

/** The path of the older or newer batch of the same job; `null`: there is none. */
async function neighbourOf({ batch, job }: BatchSummary, which: "older" | "newer"): Promise<string | null> {
  let cursor = "";
  let newer: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = new URLSearchParams({ job, limit: "100", ...(cursor === "" ? {} : { cursor }) });
    const answer = await get<BatchesAnswer>(`/batches?${query.toString()}`);
    for (const { batch: one } of answer.batches) {
      if (one < batch) return which === "older" ? batchPath(one) : newer;
      if (one > batch) newer = batchPath(one);
    }
    if (answer.cursor === null) break;
    cursor = answer.cursor;
  }
  return which === "newer" ? newer : null;
}
