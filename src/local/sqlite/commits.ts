/** Counts commits, so that a reader of committed records can wait for the next one. */

export interface Commits {
  /** How many there were. */
  readonly count: number;
  /** Resolves once there were more than `count`. Rejects if the database failed or was closed. */
  after(count: number): Promise<void>;
}

export interface CountedCommits extends Commits {
  add(): void;
  /** There are no more. The first reason counts. */
  end(reason: Error): void;
}

export function countedCommits(): CountedCommits {
  let count = 0;
  let ended: Error | null = null;
  let next: PromiseWithResolvers<void> | null = null;

  return {
    get count() {
      return count;
    },
    async after(seen) {
      if (count > seen) return;
      if (ended !== null) throw ended;
      next ??= Promise.withResolvers();
      await next.promise;
    },
    add() {
      count++;
      next?.resolve();
      next = null;
    },
    end(reason) {
      ended ??= reason;
      next?.reject(ended);
      next = null;
    },
  };
}
