/** `fanjoin` as a job imports it that is bundled into a function: it shares one copy with the function. */
export * from "../../src/index.ts";
