/** What has happened in a simulation, so that a test can tell that it does happen. */
export interface Happened {
  /** Messages that were lost. */
  readonly lost: number;
  /** Runs of the sweeper, which comes when nothing else goes on. */
  readonly swept: number;
  /** Bundles of chunks that were received in a pause. */
  readonly unrun: number;
  /** Pauses that were resumed. */
  readonly resumed: number;
  /** Chunks that came again because a limit had no calls for them. */
  readonly givenBack: number;
  /** Batches that had as many calls in a second as their limit gives away, or as many in flight. */
  readonly atRate: number;
  readonly atRoom: number;
}

export const NOTHING_HAPPENED: Happened = {
  lost: 0,
  swept: 0,
  unrun: 0,
  resumed: 0,
  givenBack: 0,
  atRate: 0,
  atRoom: 0,
};
