/** Environment variables, passed as an argument; `process.env` has this shape. */
export type Env = { readonly [name: string]: string | undefined };
