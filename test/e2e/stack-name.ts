/** Of the stack, and the beginning of all names in it. */
export const STACK = "fanjoin-e2e";
