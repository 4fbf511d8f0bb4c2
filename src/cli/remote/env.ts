/** The environment of the process, as an argument. */
export type Env = { readonly [name: string]: string | undefined };
