/** The state directory of a program or command that names none. */
export const DEFAULT_DIRECTORY = ".fanjoin";
