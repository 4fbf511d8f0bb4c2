/** The bar at the top: where to go, where this is, whether it is live. */
import { h } from "preact";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { placeText } from "../../batch/header.ts";
import { connectionWords } from "../../live/connection.ts";
import type { Site } from "../../live/site.ts";
import { applyTheme, nextTheme, storedTheme } from "../../live/theme.ts";
import { Icon, Logo } from "../icon.ts";

export function TopBar({ site, onKeys }: { readonly site: Site; readonly onKeys: () => void }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const narrow = site.narrow.value;
  const place = site.place.value;
  const { word, lost } = connectionWords(site.connection.value, site.here.value);
  const menu = [
    h(Links, { key: "links", site, onGo: () => setOpen(false) }),
    h(
      "div",
      { key: "tools", class: "tools" },
      place && h("span", { class: "soft place" }, placeText(place)),
      !narrow && h(Connected, { word, lost }),
      h(ThemeButton, null),
      h(
        "button",
        {
          type: "button",
          class: "icon-button keys-button",
          "aria-label": "Keys",
          title: "Keys",
          onClick: onKeys,
        },
        h("kbd", null, "?"),
      ),
    ),
  ];
  return h(
    "header",
    { class: "top" },
    h(
      "div",
      { class: "top-inner" },
      h("a", { class: "brand", href: "/" }, h(Logo, { size: 20 }), "fanjoin"),
      narrow
        ? [
            h("span", { key: "live", class: "right" }, h(Connected, { word, lost })),
            h(
              "button",
              {
                key: "menu",
                type: "button",
                class: "button",
                "aria-expanded": isOpen,
                onClick: () => setOpen(!isOpen),
              },
              "Menu",
            ),
          ]
        : menu,
    ),
    narrow && isOpen && h("div", { class: "menu" }, menu),
  );
}

function Links({ site, onGo }: { readonly site: Site; readonly onGo: () => void }): JSX.Element {
  const { view } = site.route.value;
  const link = (href: string, text: string, here: boolean): JSX.Element =>
    h(
      "a",
      { href, onClick: onGo, class: "nav-link", ...(here ? { "aria-current": "page" as const } : {}) },
      text,
    );
  return h(
    "nav",
    { "aria-label": "Main" },
    link("/", "Batches", view === "batches" || view === "batch"),
    link("/jobs", "Jobs", view === "jobs" || view === "job"),
  );
}

function Connected({ word, lost }: { readonly word: string; readonly lost: boolean }): JSX.Element {
  return h(
    "span",
    { class: "soft connected" },
    h("span", { class: lost ? "dot hollow" : "dot", "aria-hidden": "true" }),
    word,
  );
}

function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(storedTheme);
  const label = `Theme: ${theme}`;
  return h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": label,
      title: label,
      onClick: () => {
        const next = nextTheme(theme);
        applyTheme(next);
        setTheme(next);
      },
    },
    h(Icon, { name: "theme" }),
  );
}
