/** What a Standard Schema found, in words. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/** Each with the key that it is about. */
export function issuesText(issues: readonly SchemaIssue[]): string {
  return issues.map(({ message, path }) => `${pathText(path)}${message}`).join("; ");
}

function pathText(path: readonly unknown[] | undefined): string {
  if (!path || path.length === 0) return "";
  const keys = path.map((part) =>
    String(typeof part === "object" && part !== null && "key" in part ? part.key : part),
  );
  return `${keys.join(".")}: `;
}
