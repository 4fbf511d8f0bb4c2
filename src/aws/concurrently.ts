/** Requests with bounded concurrency, results in order. */

/**
 * Yields the result of `action` for each of `items`, in their order. Up to `limit` actions run at once, ahead
 * of the consumer.
 */
export async function* concurrently<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  action: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const started: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = action(item);
      // The result is awaited in its turn; until then a rejection must not count as unhandled.
      result.catch(() => undefined);
      started.push(result);
      const first = started.length >= limit ? started.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    for (let next = started.shift(); next !== undefined; next = started.shift()) yield await next;
  } finally {
    // If the consumer stops early, let the running actions end before returning.
    await Promise.allSettled(started);
  }
}

/** The results of `action` for all of `items`, in their order. Up to `limit` actions run at once. */
export async function allConcurrently<T, R>(
  items: Iterable<T>,
  limit: number,
  action: (item: T) => Promise<R>,
): Promise<R[]> {
  return Array.fromAsync(concurrently(items, limit, action));
}
