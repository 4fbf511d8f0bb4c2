/** The tasks of the failure table. */

/** The time limit of a task, for those that are given one. */
export const TRIAL_LIMIT_S = 2;
/** One of them, of number 7, is broken. */
export const TRIALS = 20;
/** Of which some are done when the program is killed. */
export const KILLED_TRIALS = 40;
export const TRIAL_WORKERS = 4;
