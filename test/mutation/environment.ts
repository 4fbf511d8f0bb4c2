/** How `npm run mutate` tells the processes that Stryker starts, which inherit its environment. */

/** Patterns of the test files, separated by commas. */
export const TESTS_VARIABLE = "FANJOIN_MUTATION_TESTS";
export const SIZE_VARIABLE = "FANJOIN_MUTATION_SAMPLE";
export const SEED_VARIABLE = "FANJOIN_MUTATION_SEED";
/** `mutantKey`s as a JSON array: no other mutant runs. */
export const AGAIN_VARIABLE = "FANJOIN_MUTATION_AGAIN";
