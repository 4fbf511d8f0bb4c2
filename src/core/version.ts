/**
 * The version of fanjoin, as its manifest has it (a test compares them): bundles have no manifest to read.
 */
export const VERSION = "0.1.0";
