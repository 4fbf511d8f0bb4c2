/** Which failed items a redrive does again. */

/** Those of any of these error codes and classes; `null` = whichever. */
export interface RedriveFilter {
  readonly codes: readonly string[] | null;
  readonly classes: readonly string[] | null;
}

/** What a filter looks at in a failed item. */
export interface FailureKind {
  readonly code: string;
  readonly error: { readonly name: string };
}

/** Whether a redrive wants a failed item of this kind. */
export function matches(filter: RedriveFilter | undefined, { code, error }: FailureKind): boolean {
  const { codes = null, classes = null } = filter ?? {};
  return (codes?.includes(code) ?? true) && (classes?.includes(error.name) ?? true);
}
