/** What every view has: type, links, buttons, fields, panels, pills. */
export const base = `
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);
font:400 13px/20px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1,h2,h3,p,dl,dd,ul,ol,figure,pre{margin:0;padding:0}
ul,ol{list-style:none}
h1{font:600 20px/28px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h2{font-size:14px;line-height:20px;font-weight:600}
code,pre,kbd,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
svg{display:block}
table{border-collapse:collapse;width:100%}
th{font-weight:400;text-align:left;font-size:12px;line-height:16px;color:var(--text-2)}
[hidden]{display:none!important}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:4px}
.num{font-variant-numeric:tabular-nums}
.soft{color:var(--text-2)}
.faint{color:var(--text-3)}
.bad{color:var(--bad)}
.strong{font-weight:600}
.hidden-text{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:8px;top:-60px;background:var(--raised);border:1px solid var(--line-strong);
padding:8px 12px;border-radius:6px;z-index:9}
.skip:focus{top:8px}
.icon{width:14px;height:14px;flex:none;fill:none;stroke:currentColor;stroke-width:1.6;overflow:visible}
.icon .solid{fill:currentColor;stroke:none}
.icon .cut{stroke:var(--bg);fill:none}
.icon.turns{animation:turn 1.2s linear infinite;transform-origin:50% 50%}
@keyframes turn{to{transform:rotate(360deg)}}
.button{display:inline-flex;align-items:center;justify-content:center;gap:6px;min-height:32px;padding:0 12px;
border:1px solid var(--line-strong);border-radius:6px;background:var(--raised);color:var(--text);
font:500 13px/20px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;cursor:pointer;white-space:nowrap}
.button:hover{background:var(--sunken);text-decoration:none}
.button.small{min-height:28px;padding:0 10px;border-color:var(--line)}
.button.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
.button.danger{background:var(--danger);border-color:var(--danger);color:var(--on-danger)}
.button.primary:hover,.button.danger:hover{filter:brightness(1.08)}
.button:disabled{opacity:.55;cursor:not-allowed}
.as-link{border:0;background:none;padding:2px 0;color:var(--link);font:inherit;cursor:pointer;min-height:24px}
.as-link:hover{text-decoration:underline}
.icon-button{display:inline-grid;place-items:center;min-width:24px;height:24px;border:0;border-radius:4px;
background:none;color:var(--text-2);cursor:pointer;padding:0;font:inherit}
.icon-button:hover{background:var(--sunken);color:var(--text)}
input,select,textarea{font:inherit;color:var(--text);background:var(--raised);border:1px solid var(--line-strong);
border-radius:6px;min-height:32px;padding:5px 10px;max-width:100%}
select{padding-right:26px;field-sizing:content;cursor:pointer;appearance:none;
background-image:linear-gradient(45deg,transparent 50%,currentColor 50%),linear-gradient(-45deg,transparent 50%,currentColor 50%);
background-size:5px 5px,5px 5px;background-position:right 14px center,right 10px center;background-repeat:no-repeat}
textarea{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12px;min-height:64px;width:100%;resize:vertical}
input[type="checkbox"],input[type="radio"]{min-height:0;width:16px;height:16px;accent-color:var(--accent);margin:2px 0 0}
::placeholder{color:var(--text-3);opacity:1}
kbd{display:inline-block;border:1px solid var(--line);border-radius:4px;padding:0 5px;font-size:11px;line-height:16px;
color:var(--text-2);background:var(--raised)}
.panel{border:1px solid var(--line);border-radius:8px;background:var(--raised);margin-top:16px}
.panel>header{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px;padding:16px 20px 12px}
.panel>header .right{margin-left:auto}
.panel>.inner{padding:0 20px 20px}
.pill{display:inline-flex;align-items:center;gap:6px;border-radius:12px;padding:2px 10px;font-size:13px;line-height:20px;
white-space:nowrap}
.tone-ok{color:var(--ok)}.tone-bad{color:var(--bad)}.tone-warn{color:var(--warn)}.tone-busy{color:var(--busy)}
.tone-quiet{color:var(--text-2)}
.pill.tone-ok{background:var(--ok-soft)}.pill.tone-bad{background:var(--bad-soft)}
.pill.tone-warn{background:var(--warn-soft)}.pill.tone-busy{background:var(--busy-soft)}
.pill.tone-quiet{background:var(--quiet-soft)}
.pill .icon .cut,.pill .cut{stroke:var(--raised)}
.strip{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:center;margin-top:12px;padding:10px 16px;border-radius:8px;
background:var(--quiet-soft);color:var(--text)}
.strip.tone-bad{background:var(--bad-soft);color:var(--text)}
.strip.tone-warn{background:var(--warn-soft);color:var(--text)}
.command{display:flex;align-items:center;gap:8px;border:1px solid var(--line);background:var(--sunken);border-radius:6px;
padding:4px 4px 4px 12px;min-height:32px}
.command code{flex:1;min-width:0;overflow-x:auto;white-space:pre;padding:2px 0}
.hole{display:inline-block;border:1px solid var(--line);background:var(--sunken);color:var(--text-2);border-radius:4px;
padding:0 5px;line-height:16px;font-size:12px}
.wait{display:inline-block;background:var(--quiet-soft);border-radius:4px;color:transparent;min-width:64px}
@media (pointer:coarse){.button,input,select,.as-link{min-height:44px}.icon-button{min-width:44px;height:44px}}
@media (prefers-reduced-motion:reduce){*,*::before,*::after{animation:none!important;transition:none!important}}
@media (forced-colors:active){.button,.panel,.pill,.strip,kbd{border:1px solid CanvasText}
.mark,.swatch{forced-color-adjust:none}}
`;
