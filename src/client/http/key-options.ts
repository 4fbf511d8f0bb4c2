/** Secrets in place of an AWS signature. */

export interface KeyOptions {
  /** The token of `fanjoin dev`. */
  readonly token?: string | undefined;
  readonly apiKey?: string | undefined;
}
