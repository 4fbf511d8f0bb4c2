/** Group commits: a change that is made while one group is written waits for the next group. */

/**
 * The pause after a commit, in multiples of its duration, while nobody waits for the next one. So commits
 * take a tenth of the time, the rest of the process goes on, and records that come and go in between are
 * never written. A crash costs the work since the last commit, a fraction of a second.
 */
const PAUSE = 10;
/** The least pause: a small batch ends within it, and then most of its records are never written. */
const LEAST_PAUSE_MS = 5;

export interface CommitOptions<Group> {
  /** A snapshot of the changes since the last one, `null` if there are none. */
  readonly take: () => Group | null;
  readonly beforeCommit: () => Promise<void>;
  /** Writes a group, durably. */
  readonly write: (group: Group) => void;
  /** Called once. Every waiter is rejected with the returned error. */
  readonly failed: (cause: unknown) => Error;
}

export interface GroupCommits {
  /** There is something to write. */
  readonly changed: () => void;
  /** Resolves once everything done before this call is written. */
  readonly settled: () => Promise<void>;
}

/** The waiters for one group. */
interface Round {
  waiters: PromiseWithResolvers<void> | null;
}

export function groupCommits<Group>({
  take,
  beforeCommit,
  write,
  failed,
}: CommitOptions<Group>): GroupCommits {
  let gathering: Round | null = null;
  let writing: Round | null = null;
  let failure: Error | null = null;
  let scheduled: Scheduled | null = null;
  let lastEnd = 0;
  let lastTookMs = 0;

  function schedule(round: Round): void {
    if (writing !== null) return;
    scheduled?.cancel();
    if (round.waiters !== null) scheduled = soon(() => commit(round));
    else scheduled = afterPause(() => commit(round));
  }

  function afterPause(action: () => void): Scheduled {
    const waitMs = lastEnd + Math.max(LEAST_PAUSE_MS, PAUSE * lastTookMs) - performance.now();
    return waitMs < 1 ? inTwoTurns(action) : later(action, waitMs);
  }

  function commit(round: Round): void {
    scheduled = null;
    gathering = null;
    writing = round;
    writeGroup().then(
      () => end(round),
      (error: unknown) => fail(round, error),
    );
  }

  async function writeGroup(): Promise<void> {
    const group = take();
    if (group === null) return;
    await beforeCommit();
    const start = performance.now();
    write(group);
    lastEnd = performance.now();
    lastTookMs = lastEnd - start;
  }

  function end(round: Round): void {
    writing = null;
    round.waiters?.resolve();
    if (gathering !== null) schedule(gathering);
  }

  function fail(round: Round, cause: unknown): void {
    failure = failed(cause);
    round.waiters?.reject(failure);
    gathering?.waiters?.reject(failure);
    gathering = writing = null;
  }

  return {
    changed() {
      if (gathering !== null || failure !== null) return;
      gathering = { waiters: null };
      schedule(gathering);
    },
    settled() {
      if (failure !== null) return Promise.reject(failure);
      const round = gathering ?? writing;
      if (round === null) return Promise.resolve();
      const first = round.waiters === null;
      round.waiters ??= Promise.withResolvers();
      if (first && round === gathering) schedule(round);
      return round.waiters.promise;
    },
  };
}

interface Scheduled {
  cancel(): void;
}

/** Before the event loop turns: changes that are made together are one group. */
function soon(action: () => void): Scheduled {
  const immediate = setImmediate(action);
  return { cancel: () => clearImmediate(immediate) };
}

/**
 * After one more turn of the event loop: then the messages that came with a change are on their way to a
 * thread, which works while the disk does.
 */
function inTwoTurns(action: () => void): Scheduled {
  let immediate = setImmediate(() => (immediate = setImmediate(action)));
  return { cancel: () => clearImmediate(immediate) };
}

function later(action: () => void, ms: number): Scheduled {
  const timer = setTimeout(action, ms);
  return { cancel: () => clearTimeout(timer) };
}
