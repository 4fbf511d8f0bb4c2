/** The list of batches, the jobs, the form. */
export const listsStyle = `
.list{overflow:hidden}
.batches th,.batches td{padding:0 20px 0 0;text-align:left;vertical-align:middle}
.batches th:first-child,.batches td:first-child{padding-left:20px}
.batches thead th{height:38px}
.batches .right{text-align:right}
.batches .row{height:44px;border-top:1px solid var(--line);cursor:pointer}
.batches .row:hover{background:var(--sunken)}
.batches .row:focus-within{background:var(--choice)}
.batches .day th{height:36px;background:var(--sunken);border-top:1px solid var(--line)}
.batches a{color:var(--text);display:inline-flex;align-items:center;gap:10px;min-height:24px;max-width:100%}
.job-name{font-weight:500;overflow-wrap:anywhere}
.state{display:inline-flex;vertical-align:middle;align-items:center;gap:8px;white-space:nowrap}
.c0{width:206px}.c2{width:210px}.c3,.c4{width:90px;white-space:nowrap}.c5{width:150px;white-space:nowrap}.c6{width:96px;white-space:nowrap}
.row-progress{display:flex;align-items:center;gap:10px}
.row-progress .bar{width:132px;flex:none}
.list-foot{display:flex;flex-wrap:wrap;align-items:center;gap:8px 16px;margin-top:16px}
.list-foot .right{margin-left:auto}
.new-rows{margin-top:12px}
.recent .list{border:0}
.recent header .right,.panel>header>a.right{margin-left:auto}
.drop-zone{display:flex;flex-wrap:wrap;align-items:center;gap:8px 12px;border:1px dashed var(--line-strong);border-radius:8px;
padding:19px 20px}
.drop-zone.over{border-color:var(--accent);background:var(--choice)}
.drop-zone.large{justify-content:center;align-content:center;min-height:314px;margin-top:16px;padding:24px;text-align:center}
.drop-zone.large>p,.empty-head{flex-basis:100%}
.empty-head{display:grid;justify-items:center;gap:4px;margin-bottom:8px}
.empty-head .logo{margin-bottom:12px}
.empty-head h2{font-size:16px;line-height:24px}
.empty-head p{max-width:430px}
.small{font-size:12px}
.three{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:16px;margin-top:24px}
.three p{margin-bottom:6px}
.job-columns{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:16px}
.fields{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px;margin-top:16px}
.field{display:grid;gap:4px;align-content:start;min-width:0}
.field.wide{grid-column:1/-1}
.drop-zone+.field{margin-top:16px}
.field label{font-weight:500;overflow-wrap:anywhere}
.hint{font-size:12px;line-height:16px;overflow-wrap:anywhere}
[aria-invalid="true"]{border-color:var(--bad)}
.form-error{margin-top:8px}
.form-foot{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:center;border-top:1px solid var(--line);margin-top:16px;padding-top:16px}
.shape-table td{white-space:normal;overflow-wrap:anywhere}
.operation{border-top:1px solid var(--line)}
.operation-head{display:grid;grid-template-columns:14px 56px minmax(0,2fr) minmax(0,3fr);gap:12px;align-items:center;width:100%;
min-height:40px;padding:4px 20px;border:0;background:none;color:inherit;font:inherit;text-align:left;cursor:pointer}
.operation-head:hover{background:var(--sunken)}
.operation-head code{overflow-wrap:anywhere}
.curl{display:flex;gap:8px;align-items:flex-start;background:var(--sunken);border:1px solid var(--line);border-radius:6px;
margin:0 20px 12px 102px;padding:8px 8px 8px 12px}
.curl pre{flex:1;min-width:0;overflow-x:auto;line-height:18px}
@media (max-width:959.98px){
.job-columns,.three{grid-template-columns:minmax(0,1fr)}
.c5{width:auto}.c2{width:auto}.c0{width:auto}
.keys-hint{display:none}
}
@media (max-width:639.98px){
.batches:not(.jobs) thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.batches:not(.jobs),.batches:not(.jobs) tbody{display:block}
.batches:not(.jobs) .day{display:block}
.batches:not(.jobs) .day th{display:block;height:auto;padding:8px 16px}
.batches:not(.jobs) .row{display:grid;grid-template-columns:minmax(0,1fr) auto;height:auto;padding:10px 16px;gap:2px 12px}
.batches:not(.jobs) td,.batches:not(.jobs) td:first-child{padding:0;width:auto}
.batches:not(.jobs) .c1{order:1}.batches:not(.jobs) .c0{order:2}
.batches:not(.jobs) .c2{order:3}.batches:not(.jobs) .c5{order:4;grid-column:2}
.batches:not(.jobs) .row:has(.c2>:empty) .c2{display:none}
.batches:not(.jobs) .row:has(.c2>:empty) .c4.bad{order:3}
.search kbd{display:none}
.batches:not(.jobs) .row{align-items:center}
.batches:not(.jobs) .c4.bad{display:block;order:5;text-align:left;font-weight:400}.batches:not(.jobs) .c4.bad::after{content:" failed"}
.batches:not(.jobs) .c3,.batches:not(.jobs) .c4:not(.bad),.batches:not(.jobs) .c6{display:none}
.batches a{flex-wrap:wrap;gap:0 10px;min-height:32px}
.jobs td{padding:8px 16px 8px 0}
.fields{grid-template-columns:minmax(0,1fr)}
.operation-head{grid-template-columns:14px 48px minmax(0,1fr)}
.operation-head span{grid-column:3}
.curl{margin:0 16px 12px;flex-direction:column;align-items:stretch}
}
`;
