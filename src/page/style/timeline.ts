/** Marks, charts, the timeline and its tip. */
export const timelineStyle = `
.m-succeeded{fill:var(--m-succeeded)}
.m-failed{fill:var(--m-failed)}
.m-inFlight,.m-running.flat{fill:var(--m-running)}
.m-running{fill:url(#running)}
.running-from{stop-color:var(--m-running)}.running-to{stop-color:var(--m-running);stop-opacity:.25}
.m-waiting{fill:var(--m-waiting)}
.m-again{fill:url(#again);stroke:var(--m-again);stroke-width:1}
.m-skipped{fill:url(#skipped);stroke:var(--m-skipped);stroke-width:1}
.again-ground,.skipped-ground{fill:var(--raised)}
.again-stripe{fill:var(--m-again)}.skipped-stripe{fill:var(--m-skipped)}
.m-lost{fill:none;stroke:var(--m-failed);stroke-width:1.5;stroke-dasharray:3 2}
.m-broken{fill:var(--m-failed)}
.m-hedged{fill:none;stroke:var(--m-hedged);stroke-width:2}
.m-split{fill:none;stroke:var(--text);stroke-width:1.2;stroke-dasharray:2 2}
.m-merge{fill:var(--text)}
.mark.faint{opacity:.25}
.chart svg{max-width:100%}
.chart text,.timeline text{font-size:11px;fill:var(--text-2);font-variant-numeric:tabular-nums}
.chart .value{font-weight:600;fill:var(--text)}
.axis,.tick{stroke:var(--line-strong);stroke-width:1}
.grid{stroke:var(--line);stroke-width:1}
.series{fill:none;stroke:var(--series);stroke-width:1.5;stroke-linejoin:round}
.area{fill:var(--series-soft)}
.lane{fill:var(--sunken)}
.now{stroke:var(--text);stroke-width:1.2}
.timeline .now-text{fill:var(--text)}
.expected{stroke:var(--line-strong);stroke-width:1;stroke-dasharray:2 3}
.chosen{fill:none;stroke:var(--text);stroke-width:1.5}
.timeline-box{position:relative;border-radius:4px}
.legend{display:flex;flex-wrap:wrap;gap:2px 6px}
.legend .entry{display:inline-flex;align-items:center;gap:6px;min-height:24px;padding:0 5px;border:1px solid transparent;
border-radius:6px;background:none;color:var(--text-2);font:inherit}
.legend button.entry{cursor:pointer}
.legend button.entry:hover{background:var(--sunken)}
.legend .entry[aria-pressed="true"]{border-color:var(--line-strong);color:var(--text)}
.swatch{flex:none;overflow:visible}
.swatch .m-waiting{stroke:var(--line-strong);stroke-width:1}
.tip{position:absolute;z-index:3;background:var(--raised);border:1px solid var(--line);border-radius:12px;padding:12px 14px;
box-shadow:0 8px 28px var(--shadow);font-size:12px;line-height:18px}
.tip-title{display:flex;align-items:center;gap:8px}
.tip dl{margin-top:6px}
.tip dl>div{display:flex;gap:12px}
.tip dt{flex:0 0 84px;color:var(--text-2)}
.table-box{overflow-x:auto;margin-top:8px}
.small-table{font-size:12px;line-height:16px}
.small-table th,.small-table td{padding:5px 12px 5px 0;border-top:1px solid var(--line);vertical-align:top;white-space:nowrap}
.small-table thead th{border-top:0}
th.right,td.right{text-align:right}
`;
