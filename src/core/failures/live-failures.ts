/** The groups of a batch that runs, as short as they have to be. */
import type { FailureSummary, LiveFailures, LiveGroup } from "./failure-summary.ts";

/** They are sent to every viewer, and written beside the history of their batch. */
const MAX_CHARS = 128 * 1024;

export const NO_FAILURES: LiveFailures = { groups: [], others: 0, of: 0 };

/** Leaves out items, then places, until they are short enough. */
export function shortFailures(failures: LiveFailures): LiveFailures {
  let short = failures;
  for (const most of [2, 1, 0]) {
    if (JSON.stringify(short).length <= MAX_CHARS) return short;
    short = withGroups(short, (group) => ({ ...group, items: group.items.slice(0, most) }));
  }
  return JSON.stringify(short).length <= MAX_CHARS
    ? short
    : withGroups(short, (group) => ({ ...group, first: group.first.slice(0, 3) }));
}

function withGroups(failures: LiveFailures, change: (group: LiveGroup) => LiveGroup): LiveFailures {
  return { ...failures, groups: failures.groups.map(change) };
}

/**
 * The groups of a batch that has ended, which are exact; with the first items that were seen while it ran.
 */
export function endedFailures(ended: FailureSummary, seen: LiveFailures | null): LiveFailures {
  const known = new Map(seen?.groups.map((group) => [group.id, group]));
  const groups = ended.groups.map((group): LiveGroup => {
    const { latestAt, items = [] } = known.get(group.id) ?? {};
    return { ...group, ...(latestAt === undefined ? {} : { latestAt }), items };
  });
  return { groups, others: ended.others, of: sumOf(ended) };
}

function sumOf({ groups, others }: FailureSummary): number {
  return groups.reduce((sum, { count }) => sum + count, others);
}
