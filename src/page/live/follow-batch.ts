/** Follows one batch by server-sent events: a snapshot, then differences. */
import { useEffect, useState } from "preact/hooks";
import type { BatchChange, BatchSnapshot } from "../../api/live/snapshot.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { address, asRefusal, get } from "./api.ts";
import type { Refusal } from "./api.ts";
import { applyChange } from "./apply-change.ts";
import type { Site } from "./site.ts";

export interface Followed {
  readonly snapshot: BatchSnapshot | null;
  /** The server refuses to show it. */
  readonly refusal: Refusal | null;
  /** Asks anew: after a redrive the batch goes on. */
  readonly again: () => void;
}

export function useBatch(site: Site, batch: string): Followed {
  const [snapshot, setSnapshot] = useState<BatchSnapshot | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    setRefusal(null);
    return follow(batch, {
      site,
      onSnapshot: setSnapshot,
      onRefusal: setRefusal,
    });
  }, [batch, round]);
  const own = snapshot?.summary.batch === batch ? snapshot : null;
  return { snapshot: own, refusal, again: () => setRound(round + 1) };
}

interface Listener {
  readonly site: Site;
  readonly onSnapshot: (snapshot: BatchSnapshot) => void;
  readonly onRefusal: (refusal: Refusal) => void;
}

const RETRY_MS = 2000;

/** Returns what ends it. */
function follow(batch: string, listener: Listener): () => void {
  const { site, onSnapshot } = listener;
  let current: BatchSnapshot | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source = connect();
  let isOver = false;

  function connect(): EventSource {
    const events = new EventSource(`${address("batches", batch)}/events`);
    events.addEventListener("open", () => site.answered());
    events.addEventListener("snapshot", (event) => {
      show(JSON.parse(event.data as string) as BatchSnapshot);
    });
    events.addEventListener("change", (event) => {
      if (current) show(applyChange(current, JSON.parse(event.data as string) as BatchChange));
    });
    events.addEventListener("end", () => events.close());
    events.addEventListener("error", () => void lose(events));
    return events;
  }

  function show(snapshot: BatchSnapshot): void {
    current = snapshot;
    site.answered(snapshot.at);
    onSnapshot(snapshot);
  }

  /** The browser asks again by itself, unless the server refused. */
  async function lose(events: EventSource): Promise<void> {
    site.missed();
    if (events.readyState !== EventSource.CLOSED || isOver) return;
    try {
      const summary = await get<BatchSummary>(address("batches", batch));
      if (!current && !isOver) show(bareSnapshot(summary));
    } catch (error) {
      const refusal = asRefusal(error);
      if (isOver) return;
      if (refusal.status !== 0) {
        if (refusal.status === 404) site.answered();
        else site.missed(refusal);
        listener.onRefusal(refusal);
        return;
      }
    }
    timer = setTimeout(() => {
      if (!isOver) source = connect();
    }, RETRY_MS);
  }

  return () => {
    isOver = true;
    clearTimeout(timer);
    source.close();
  };
}

/** Where a server has no events. */
function bareSnapshot(summary: BatchSummary): BatchSnapshot {
  const { groups = [], others = 0 } = summary.failures ?? {};
  return {
    at: Date.now(),
    summary,
    failures: { groups: groups.map((group) => ({ ...group, items: [] })), others, of: summary.items.failed },
    history: null,
  };
}
