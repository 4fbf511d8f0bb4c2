/** Colours of the page and the report. Their contrasts are those that WCAG 2.2 asks for. */

const LIGHT = `
--bg:#ffffff;--raised:#ffffff;--sunken:#f6f7f9;--line:#e4e6ea;--line-strong:#868d99;
--text:#15171c;--text-2:#474d59;--text-3:#5f6673;
--accent:#2558d9;--on-accent:#ffffff;--focus:#2558d9;--link:#1f4fc4;--danger:#b3261a;--on-danger:#ffffff;
--m-succeeded:#389a82;--m-failed:#b3200f;--m-again:#bd7e00;--m-running:#3a80f5;--m-hedged:#6427a8;
--m-skipped:#878e9a;--m-waiting:#e4e6ea;--series:#2f74d6;--series-soft:#e6eeff;
--ok:#0b6b54;--ok-soft:#e3f4ee;--bad:#ad2414;--bad-soft:#fdeae6;--warn:#7d5200;--warn-soft:#fbf0d6;
--busy:#1f4fc4;--busy-soft:#e6eeff;--quiet-soft:#eceef1;--choice:#e6eeff;--shadow:rgba(21,23,28,.18)`;

const DARK = `
--bg:#0f1115;--raised:#171a20;--sunken:#14161b;--line:#282c34;--line-strong:#6b7280;
--text:#eef0f3;--text-2:#b4bac5;--text-3:#8f96a3;
--accent:#5b8cff;--on-accent:#0a0f1c;--focus:#8fb1ff;--link:#8fb1ff;--danger:#ff8a70;--on-danger:#1c0805;
--m-succeeded:#2b7f6c;--m-failed:#ff5f42;--m-again:#f3c452;--m-running:#4f83fa;--m-hedged:#d0b3ff;
--m-skipped:#6f7683;--m-waiting:#282c34;--series:#5b8cff;--series-soft:#1b2742;
--ok:#5fd0ae;--ok-soft:#10291f;--bad:#ff8f78;--bad-soft:#33150f;--warn:#edbb5b;--warn-soft:#2e2310;
--busy:#8fb1ff;--busy-soft:#14213f;--quiet-soft:#20242b;--choice:#14213f;--shadow:rgba(0,0,0,.6)`;

/** The page follows the system, and the reader's own choice in `data-theme` before it. */
export const tokens = `
:root{color-scheme:light;${LIGHT}}
:root[data-theme="dark"]{color-scheme:dark;${DARK}}
@media (prefers-color-scheme:dark){:root:not([data-theme="light"]){color-scheme:dark;${DARK}}}
`;

/** The report is light on a screen that is light, and always in print. */
export const printTokens = `@media print{:root,:root[data-theme="dark"],:root:not([data-theme="light"]){color-scheme:light;${LIGHT}}}`;
