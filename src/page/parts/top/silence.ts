/** Says that nothing answers, and how old the numbers are. */
import { h } from "preact";
import type { JSX } from "preact";
import { connectionWords } from "../../live/connection.ts";
import { findPlace } from "../../live/site.ts";
import type { Site } from "../../live/site.ts";
import { clock } from "../../words/times.ts";
import { Strip } from "../strip.ts";

export function Silence({ site }: { readonly site: Site }): JSX.Element | null {
  const connection = site.connection.value;
  const here = site.here.value;
  const { silent } = connectionWords(connection, here);
  if (!silent) return null;
  const { lostAt, heardAt, refused } = connection;
  const again = h(
    "button",
    { type: "button", class: "as-link", onClick: () => void findPlace(site) },
    "Try now",
  );
  if (refused !== null) return h(Strip, { tone: "bad" }, h("span", { role: "alert" }, refused), again);
  const seconds = Math.round((here - (lostAt ?? here)) / 1000);
  const numbers = heardAt === null ? "" : ` The numbers are from ${clock(heardAt, "local")}.`;
  const ended =
    site.place.value?.kind === "dev" ? " If fanjoin dev has ended, its batches go on at the next start." : "";
  return h(
    Strip,
    { tone: "warn" },
    h("span", { class: "num" }, `No answer for ${seconds} s.${numbers}${ended}`),
    again,
  );
}
