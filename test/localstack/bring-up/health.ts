/** The health report of the LocalStack at `url`; `null` if no LocalStack answers there. */
export async function health(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/_localstack/health`, { signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    return response.ok && text.includes('"services"') ? text.trim() : null;
  } catch {
    return null;
  }
}
