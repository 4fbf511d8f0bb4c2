/** The sections of a batch in their order, which never changes while somebody reads. */
import { h } from "preact";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { memo } from "../parts/memo.ts";
import type { PageLook } from "../parts/top/look.ts";
import type { BatchSnapshot } from "../../api/live/snapshot.ts";
import type { PlaceView } from "../place-view.ts";
import { Timeline } from "../timeline/timeline.ts";
import { hasEnded } from "../words/states.ts";
import { Counts } from "./figures/counts.ts";
import { Details } from "./details.ts";
import { FailedItems } from "./failed/failed-items.ts";
import type { GroupActions } from "./failed/failed-group.ts";
import { Figures } from "./figures/figures.ts";
import { Result } from "./result.ts";

/** Large drawings are made anew only when their batch has changed, not with each second. */
const SteadyFigures = memo(Figures);
const SteadyTimeline = memo(Timeline);

export interface SectionsProps {
  readonly snapshot: BatchSnapshot;
  readonly look: PageLook;
  readonly place: PlaceView | null;
  readonly groups: GroupActions;
  /** The result as text. */
  readonly readResult: () => Promise<string>;
  /** Whether it worked when the reader opened it. */
  readonly openedWorking: boolean;
}

export function BatchSections(props: SectionsProps): JSX.Element {
  const { snapshot, look, place, groups, readResult, openedWorking } = props;
  const { summary, history, failures } = snapshot;
  const ended = hasEnded(summary.state);
  const still = useMemo(() => look, [look.zone, look.report, look.narrow]);
  const counts = h(Counts, { key: "counts", summary, history, look });
  const figures =
    history &&
    !look.narrow &&
    h(SteadyFigures, { key: "figures", history, details: summary.details, ended, look: still });
  const chunks =
    history?.timeline &&
    h(SteadyTimeline, {
      key: "chunks",
      history,
      timeline: history.timeline,
      look: still,
      live: !ended,
      expectedEnd: expectedEnd(snapshot),
    });
  const failed = h(FailedItems, {
    key: "failed",
    failures,
    failed: summary.items.failed,
    working: !ended,
    isRedrive: !ended && (summary.progress?.failedBefore ?? null) !== null,
    look,
    actions: groups,
  });
  const result =
    ended &&
    h(Result, {
      key: "result",
      summary,
      place,
      read: readResult,
      base: `/batches/${encodeURIComponent(summary.batch)}`,
    });
  const details = h(Details, { key: "details", summary, history, look });
  if (look.narrow) return h("div", null, [counts, failed, result, chunks, details]);
  const order = openedWorking
    ? [counts, figures, chunks, failed, result, details]
    : [counts, failed, result, figures, chunks, details];
  return h("div", null, order);
}

/** Milliseconds after the start. */
function expectedEnd({ at, summary, history }: BatchSnapshot): number | null {
  const left = summary.progress?.secondsLeft;
  if (!left || !history) return null;
  return at - history.start + ((left.least + left.most) / 2) * 1000;
}
