/** Tests replace this file to repair the deed `broken`. */
export const MENDED: boolean = false;
