/** The page in a browser. */
import { h, render } from "preact";
import { App } from "./app.ts";
import { onKey } from "./live/keys.ts";
import { createSite, findPlace, followLinks } from "./live/site.ts";
import { applyTheme, storedTheme } from "./live/theme.ts";

applyTheme(storedTheme());
const site = createSite();
document.addEventListener("click", (event) => followLinks(site, event));
document.addEventListener("keydown", onKey);
const place = document.getElementById("app");
if (place) render(h(App, { site }), place);
void findPlace(site);
