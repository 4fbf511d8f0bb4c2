/** The stack's name, which is the prefix of all names in it. */
export const STACK = "fanjoin-e2e";
