/** How the page hears of changes, and what it says of that. Pure: the time is an argument. */

export interface Connection {
  /** How often the server answers. */
  readonly every: "live" | number;
  /** Milliseconds since the epoch. `null`: there was no answer yet. */
  readonly heardAt: number | null;
  /** Since when nothing answers. `null`: all is well. */
  readonly lostAt: number | null;
  /** A refusal that asking again does not change. */
  readonly refused: string | null;
}

export const CONNECTING: Connection = { every: "live", heardAt: null, lostAt: null, refused: null };

/** After so long without a sign the page says that it connects again. */
export const RECONNECTING_MS = 3000;
/** After so long it warns, and its buttons stop. */
export const SILENT_MS = 15_000;

export interface ConnectionWords {
  readonly word: string;
  readonly lost: boolean;
  /** Numbers are so old that nobody should act by them. */
  readonly silent: boolean;
}

export function connectionWords({ every, lostAt, refused }: Connection, now: number): ConnectionWords {
  const lostMs = lostAt === null ? 0 : now - lostAt;
  if (refused !== null) return { word: "Not connected", lost: true, silent: true };
  if (lostMs >= RECONNECTING_MS) return { word: "Reconnecting", lost: true, silent: lostMs >= SILENT_MS };
  return { word: every === "live" ? "Live" : `Every ${every / 1000} s`, lost: false, silent: false };
}

export function heard(connection: Connection, at: number): Connection {
  return { ...connection, heardAt: at, lostAt: null, refused: null };
}

export function lost(connection: Connection, at: number): Connection {
  return { ...connection, lostAt: connection.lostAt ?? connection.heardAt ?? at };
}
