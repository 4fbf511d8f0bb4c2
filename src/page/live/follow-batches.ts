/** The list of batches: what works now every two seconds, the rest page by page. */
import { useEffect, useRef, useState } from "preact/hooks";
import { boundedRows, mergedBatches } from "../batches/batch-rows.ts";
import type { BatchesAnswer } from "../../api/answers.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { isWorking } from "../words/states.ts";
import { asRefusal, get } from "./api.ts";
import type { Refusal } from "./api.ts";
import type { Filters } from "./routes.ts";
import type { Site } from "./site.ts";

const EVERY_MS = 2000;
/** Batches that began and ended between two looks are found by looking at the newest ones again. */
const NEWEST_EVERY = 5;
const PAGE = 50;
/** Of the API. */
const LARGEST_PAGE = 100;
/** Rows in the document. Then the newest of those that do not work give way. */
export const MOST_ROWS = 500;
const WORKING = ["planning", "running", "cancelling", "paused"];

export interface BatchList {
  /** `null`: not known yet. */
  readonly batches: readonly BatchSummary[] | null;
  readonly refusal: Refusal | null;
  /** `null`: there are no older ones. */
  readonly older: (() => void) | null;
  readonly isReading: boolean;
}

export function useBatchList(site: Site, filters: Filters): BatchList {
  const { batch, job, state } = filters;
  const [batches, setBatches] = useState<readonly BatchSummary[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [isReading, setReading] = useState(false);
  const known = useRef<readonly BatchSummary[]>([]);
  /** The reader went to older ones, so that the newest have left: they do not come back by themselves. */
  const isDeep = useRef(false);

  const show = (newer: readonly BatchSummary[], atEnd = false): void => {
    const isKnown = new Set(known.current.map(({ batch }) => batch));
    const wanted =
      isDeep.current && !atEnd
        ? newer.filter(
            ({ batch, state }) => isKnown.has(batch) || (isWorking(state) && isKnown.size < MOST_ROWS),
          )
        : newer;
    const all = mergedBatches(known.current, wanted);
    isDeep.current ||= atEnd && all.length > MOST_ROWS;
    known.current = boundedRows(all, MOST_ROWS, atEnd ? "newest" : "oldest");
    setBatches(known.current);
  };
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let round = 0;
    const watched = WORKING.filter((one) => state === "" || one === state);
    known.current = [];
    isDeep.current = false;
    setBatches(null);
    setRefusal(null);
    const look = async (): Promise<void> => {
      try {
        const isFirst = round === 0;
        const most = Math.max(PAGE, known.current.filter(({ state }) => isWorking(state)).length);
        const [newest, working] = await Promise.all([
          round++ % NEWEST_EVERY === 0 ? read(filters, { from: "" }) : null,
          watched.length > 0 ? read(filters, { from: "", states: watched, most }) : null,
        ]);
        if (isOver) return;
        const found = [...(newest?.batches ?? []), ...(working?.batches ?? [])];
        const stopped = working ? await thoseThatStopped(known.current, working) : [];
        if (isOver) return;
        if (newest && isFirst) setCursor(newest.cursor);
        show([...found, ...stopped]);
        setRefusal(null);
        site.answered();
      } catch (error) {
        if (isOver) return;
        const why = asRefusal(error);
        site.missed(why);
        if (known.current.length === 0 && why.status !== 0) setRefusal(why);
      }
      timer = setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [batch, job, state]);

  const older = async (): Promise<void> => {
    setReading(true);
    try {
      const page = await read(filters, { from: cursor ?? "" });
      show(page.batches, true);
      setCursor(page.cursor);
    } catch (error) {
      site.alarm.value = asRefusal(error).message;
    }
    setReading(false);
  };
  return { batches, refusal, older: cursor === null ? null : () => void older(), isReading };
}

/** With a filter, a page may be empty although there are more: so many are read at once. */
const MOST_PAGES = 20;

async function read(
  { batch, job, state }: Filters,
  {
    from,
    states = state === "" ? [] : [state],
    most = PAGE,
  }: { readonly from: string; readonly states?: readonly string[]; readonly most?: number },
): Promise<BatchesAnswer> {
  const batches: BatchSummary[] = [];
  let cursor: string | null = from;
  for (let page = 0; page < MOST_PAGES && batches.length < most && cursor !== null; page++) {
    const query = new URLSearchParams([
      ...Object.entries({ batch, job, cursor }).filter(([, value]) => value !== ""),
      ["limit", String(Math.min(LARGEST_PAGE, most - batches.length))],
      ...states.map((one) => ["state", one]),
    ]);
    const answer: BatchesAnswer = await get<BatchesAnswer>(`/batches?${query.toString()}`);
    batches.push(...answer.batches);
    cursor = answer.cursor;
  }
  return { batches, cursor };
}

/** Batches that worked at the last look, and do not any more. `working`: those that do, the newest first. */
async function thoseThatStopped(
  known: readonly BatchSummary[],
  { batches: working, cursor }: BatchesAnswer,
): Promise<readonly BatchSummary[]> {
  const now = new Set(working.map(({ batch }) => batch));
  // Of those beyond the page that was read nothing is known.
  const oldest = cursor === null ? "" : (working.at(-1)?.batch ?? "");
  const gone = known
    .filter(({ batch, state }) => isWorking(state) && !now.has(batch) && batch >= oldest)
    .slice(0, PAGE);
  return Promise.all(
    gone.map(async ({ batch }) => get<BatchSummary>(`/batches/${encodeURIComponent(batch)}`)),
  );
}
