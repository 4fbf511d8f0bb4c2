/**
 * What all views share: the address, the place, the connection, the time, and what is said to readers of
 * screens.
 */
import { signal } from "@preact/signals";
import type { Signal } from "@preact/signals";
import type { PlaceView } from "../place-view.ts";
import { CONNECTING, heard, lost } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { asRefusal, get } from "./api.ts";
import type { Refusal } from "./api.ts";
import { routeOf } from "./routes.ts";
import type { Route } from "./routes.ts";

export interface Site {
  readonly route: Signal<Route>;
  readonly place: Signal<PlaceView | null>;
  readonly connection: Signal<Connection>;
  /** By the server's clock, in whole seconds of change. It stands still while nothing answers. */
  readonly now: Signal<number>;
  /** By this machine's clock. */
  readonly here: Signal<number>;
  /** Spoken to readers of screens. */
  readonly said: Signal<string>;
  readonly alarm: Signal<string>;
  readonly narrow: Signal<boolean>;
  /** Shows another view. */
  go(path: string, options?: { readonly replace?: boolean }): void;
  /** An answer came. `at`: the time at the server, where it says so. */
  answered(at?: number): void;
  /** No answer came. */
  missed(refusal?: Refusal): void;
}

const TICK_MS = 1000;
const NARROW = "(max-width: 639.98px)";

export function createSite(): Site {
  const route = signal<Route>(routeOf(location));
  const connection = signal<Connection>(CONNECTING);
  const here = signal(Date.now());
  const now = signal(Date.now());
  const media = matchMedia(NARROW);
  const narrow = signal(media.matches);
  const clock = { offset: 0 };
  const tick = (): void => {
    here.value = Date.now();
    if (connection.value.lostAt === null) now.value = here.value + clock.offset;
  };
  setInterval(tick, TICK_MS);
  media.addEventListener("change", () => (narrow.value = media.matches));
  const show = (): void => {
    route.value = routeOf(location);
  };
  addEventListener("popstate", show);
  const site: Site = {
    route,
    place: signal<PlaceView | null>(null),
    connection,
    now,
    here,
    said: signal(""),
    alarm: signal(""),
    narrow,
    go(path, { replace = false } = {}) {
      history[replace ? "replaceState" : "pushState"](null, "", path);
      show();
      if (!replace) scrollTo(0, 0);
    },
    answered(at) {
      if (at !== undefined) clock.offset = at - Date.now();
      connection.value = heard(connection.value, Date.now());
      tick();
    },
    missed(refusal) {
      const known = lost(connection.value, Date.now());
      connection.value = refusal && refusal.status !== 0 ? { ...known, refused: wordsOf(refusal) } : known;
    },
  };
  return site;
}

function wordsOf({ message, code }: Refusal): string {
  return code === null ? message : `${message} [${code}]`;
}

/** Asks where the page is. */
export async function findPlace(site: Site): Promise<void> {
  try {
    const place = await get<PlaceView>("/place");
    site.place.value = place;
    site.connection.value = { ...site.connection.value, every: place.every };
    site.answered();
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal.status !== 404) site.missed(refusal);
  }
}

/** Follows a link of the page's own without loading it again. */
export function followLinks(site: Site, event: MouseEvent): void {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target !== "" || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (routeOf(link).view === "unknown" || link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  site.go(link.pathname + link.search);
}
