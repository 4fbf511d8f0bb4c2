/** The addresses of the views. */

export type Route =
  | { readonly view: "batches"; readonly filters: Filters }
  | { readonly view: "batch"; readonly batch: string }
  | { readonly view: "jobs" }
  | { readonly view: "job"; readonly job: string }
  | { readonly view: "unknown"; readonly path: string };

/** Of the list of batches. They are in its address, so that they can be shared. */
export interface Filters {
  /** The beginning of an id. */
  readonly batch: string;
  readonly job: string;
  readonly state: string;
}

export const NO_FILTERS: Filters = { batch: "", job: "", state: "" };

export function routeOf({ pathname, search }: { readonly pathname: string; readonly search: string }): Route {
  const [top = "", name = "", ...more] = pathname.split("/").slice(1);
  const part = decoded(name);
  if (more.length > 0 || part === null) return { view: "unknown", path: pathname };
  if (top === "" || (top === "batches" && name === ""))
    return { view: "batches", filters: filtersIn(search) };
  if (top === "batches") return { view: "batch", batch: part };
  if (top === "jobs") return name === "" ? { view: "jobs" } : { view: "job", job: part };
  return { view: "unknown", path: pathname };
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function filtersIn(search: string): Filters {
  const query = new URLSearchParams(search);
  return { batch: query.get("batch") ?? "", job: query.get("job") ?? "", state: query.get("state") ?? "" };
}

/** `/?job=sales&state=paused`. */
export function batchesPath(filters: Partial<Filters> = {}): string {
  const given = Object.entries(filters).filter(([, value]) => value !== "");
  return given.length === 0 ? "/" : `/?${new URLSearchParams(given).toString()}`;
}

export function batchPath(batch: string): string {
  return `/batches/${encodeURIComponent(batch)}`;
}

export function jobPath(job: string): string {
  return `/jobs/${encodeURIComponent(job)}`;
}
