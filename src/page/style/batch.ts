/** The page of a batch. */
export const batchStyle = `
.counts{padding:20px 24px 22px}
.counts-head{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 16px;margin-bottom:12px}
.counts-head .right{margin-left:auto}
.percent{font-size:32px;line-height:36px;font-weight:600}
.headline{font-size:20px;line-height:28px;font-weight:600}
.bar svg{border-radius:2px}
.sum-line{display:flex;flex-wrap:wrap;align-items:center;gap:12px;margin-top:16px}
.sum-line>.right{margin-left:auto}
.account{display:flex;align-items:center;gap:8px}
.sum dl{display:flex;flex-wrap:wrap;gap:12px 0}
.term{display:flex;flex-direction:column-reverse;position:relative;padding-right:48px}
.term dt{display:flex;align-items:center;gap:6px;color:var(--text-2);line-height:20px}
.term .value{font-size:20px;line-height:28px;font-weight:600;white-space:nowrap}
.term .value.faint{font-weight:400}
.operator{position:absolute;left:-31px;top:4px;font-size:16px;color:var(--text-3)}
.term.beside{padding-right:24px}
.term.beside.first{border-left:1px solid var(--line);padding-left:24px;margin-left:-24px}
.redrive-line{margin-top:12px}
.narrow-lines{display:grid;gap:10px;margin:10px 0 0 26px}
.figures{display:grid;grid-template-columns:repeat(3,minmax(0,1fr))}
.figure{padding:16px 20px 14px;min-width:0}
.figure+.figure{border-left:1px solid var(--line)}
.figure figcaption{display:grid}
.figure-line{color:var(--text-2)}
.figure-line strong{font-size:18px;line-height:24px;font-weight:600;color:var(--text)}
.chart{margin-top:4px;min-width:0;overflow:hidden}
.groups{border-top:1px solid var(--line)}
.failed>header{padding-bottom:14px}
.group+.group{border-top:1px solid var(--line)}
.group-row{display:flex;align-items:center;gap:12px;padding-right:20px;min-height:57px}
.group-head{display:flex;align-items:center;flex:1;min-width:0;gap:12px;border:0;background:none;color:inherit;font:inherit;
text-align:left;padding:8px 0 8px 18px;cursor:pointer;min-height:56px}
.group-head:hover .message{text-decoration:underline;text-decoration-color:var(--line-strong)}
.group-head .icon,.operation-head .icon{color:var(--text-2);transition:transform .1s}
[aria-expanded="true"]>.icon:first-child{transform:rotate(90deg)}
.group-count{flex:0 0 auto;min-width:52px;text-align:right;font-weight:600;font-size:14px}
.group-text{min-width:0;flex:1;display:grid}
.group-message,.facts{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.group.open .group-message{white-space:normal;overflow-wrap:anywhere}
.group-message{font-weight:500}
.group-row>.right{margin-left:auto;white-space:nowrap}
.group-side{display:inline-flex;align-items:center;gap:12px}
.group-items{background:var(--sunken);border-top:1px solid var(--line);padding:4px 20px 8px 104px}
.failed-item{display:grid;grid-template-columns:minmax(120px,auto) 64px minmax(0,1fr);gap:4px 20px;padding:10px 0;
border-bottom:1px solid var(--line)}
.failed-item .place{overflow-wrap:anywhere;line-height:20px}
.failed-item .what{min-width:0;overflow-wrap:anywhere}
.raw{white-space:pre-wrap;overflow-wrap:anywhere;line-height:18px}
.stack{white-space:pre;overflow-x:auto;margin-top:6px;line-height:18px}
.group-foot{display:flex;flex-wrap:wrap;align-items:center;gap:4px 20px;padding:8px 0}
.panel-foot{display:flex;align-items:center;gap:12px;padding:8px 20px;border-top:1px solid var(--line);min-height:40px}
.files{display:flex;flex-wrap:wrap;gap:8px}
.result-columns{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
.json{background:var(--sunken);border:1px solid var(--line);border-radius:6px;padding:10px 12px;overflow:auto;max-height:480px;
line-height:18px;white-space:pre-wrap;overflow-wrap:anywhere}
.json-key{color:var(--link)}.json-value{color:var(--ok)}
.same{display:grid;gap:8px;align-content:start}
.detail-rows{columns:3;column-gap:24px}
.detail-rows>div{display:grid;grid-template-columns:minmax(84px,32%) minmax(0,1fr);gap:12px;padding:4px 0;break-inside:avoid}
.detail-rows dd{overflow-wrap:anywhere}
.sources summary{cursor:pointer;color:var(--link);min-height:24px}
@media (max-width:959.98px){
.figures{grid-template-columns:repeat(2,minmax(0,1fr))}
.figure:nth-child(3){grid-column:1/-1;border-left:0;border-top:1px solid var(--line)}
.group-row{flex-wrap:wrap;padding-bottom:8px}
.group-head{flex-basis:100%}
.group-row>.right{margin-left:96px}
.detail-rows{columns:2}
.group-items{padding-left:20px}
}
@media (max-width:639.98px){
.counts{padding:16px}
.counts-head .right{display:none}
.sum{width:100%}
.sum dl{display:grid;gap:8px}
.term{flex-direction:row;justify-content:space-between;padding:0 0 0 26px}
.term .value{font-size:14px;line-height:20px}
.term.total{border-top:1px solid var(--line-strong);padding-top:8px}
.term.total dt{color:var(--text)}
.term.beside{display:none}
.operator{left:4px;top:0}
.term.total .operator{top:8px}
.sum-line>.right.soft{display:none}
.sum-line>.right{margin-left:0}
.group-row{padding-right:16px}
.group-head{padding-left:16px;flex-direction:row}
.group-head .icon{order:3}
.group-count{min-width:36px}
.group-message,.facts{white-space:normal;overflow-wrap:anywhere}
.group-row>.right.soft{display:none}
.group-side{display:flex;flex-wrap:wrap;width:100%;padding-left:64px}
.group-row>.right{margin-left:0;white-space:normal}
.group-items{padding:4px 16px 8px}
.failed-item{grid-template-columns:minmax(0,1fr) auto}
.failed-item .what{grid-column:1/-1}
.result-columns,.detail-rows{grid-template-columns:minmax(0,1fr);columns:1}
.chunks .subtitle{display:none}
.chunks>header{flex-direction:column}
.legend.right{margin-left:0}
.tip{position:fixed;left:0!important;top:auto!important;bottom:0;width:100%!important;border-radius:12px 12px 0 0;z-index:6}
}
`;
