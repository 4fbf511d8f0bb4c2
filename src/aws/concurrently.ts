/** Requests side by side, in order, and never more of them than so many. */

/**
 * What `action` makes of each of `items`, in their order; up to `most` are under way ahead of what was asked
 * for.
 */
export async function* ahead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  most: number,
  action: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const started: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = action(item);
      // It is waited for in its turn; until then nobody else shall complain of it.
      result.catch(() => undefined);
      started.push(result);
      const first = started.length >= most ? started.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    for (let next = started.shift(); next !== undefined; next = started.shift()) yield await next;
  } finally {
    // Nothing goes on when the caller has given up.
    await Promise.allSettled(started);
  }
}

/** The results of all of `items`, up to `most` of them under way at once. */
export async function allOf<T, R>(
  items: Iterable<T>,
  most: number,
  action: (item: T) => Promise<R>,
): Promise<R[]> {
  return Array.fromAsync(ahead(items, most, action));
}
