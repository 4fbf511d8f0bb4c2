/** The report: A4 with 14 mm margins, and the same on a screen. */
export const reportCss = `
.report main{max-width:740px;padding:24px;margin:0 auto}
.report .panel{break-inside:avoid}
.report-top{display:flex;align-items:center;gap:12px;padding-bottom:12px;border-bottom:1px solid var(--line);margin-bottom:16px}
.report-top .right{margin-left:auto;overflow-wrap:anywhere}
.report .figures{grid-template-columns:repeat(2,minmax(0,1fr));border:0;margin-top:20px}
.report .figure{padding:0}
.report .figure+.figure{border:0;padding-left:16px}
.report .chunks{border:0}
.report .chunks>header,.report .chunks>.inner{padding-left:0;padding-right:0}
.report .timeline{max-width:100%;height:auto}
.report-groups,.report-details,.report-result,.report-items,.report-chunks{margin-top:20px}
.report-groups header{display:flex;gap:12px;align-items:baseline;margin-bottom:4px}
.report .small-table td,.report .small-table th{white-space:normal;overflow-wrap:anywhere}
.report-groups td:first-child,.report-groups th:first-child{width:52px}
.report-groups td:nth-child(3){width:190px}.report-groups td:nth-child(4){width:150px}
.report tr{break-inside:avoid}
.report .detail-rows{columns:2;margin-top:8px;font-size:12px;line-height:18px}
.report .json{max-height:none;margin-top:8px}
.report-group{margin-top:14px;break-inside:avoid}
.report-group h3{font-size:13px;font-weight:600;overflow-wrap:anywhere}
.report .failed-item{grid-template-columns:minmax(120px,200px) 56px minmax(0,1fr);font-size:12px;padding:6px 0}
.report-foot{margin-top:24px;padding-top:12px;border-top:1px solid var(--line);font-size:12px;overflow-wrap:anywhere}
@page{size:A4;margin:14mm;@bottom-right{content:counter(page) " of " counter(pages);font:11px system-ui,sans-serif;color:#5f6673}}
@media print{.report main{max-width:none;padding:0}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.report-items{break-before:page}.report-chunks{break-before:auto}}
@media (max-width:639.98px){.report main{padding:16px}.report .figures,.report .detail-rows{grid-template-columns:minmax(0,1fr);columns:1}
.report .figure+.figure{padding:16px 0 0}.report .term.beside{display:none}
.report-groups table,.report-groups tbody,.report-groups tr{display:block}.report-groups thead{display:none}
.report-groups tr{display:grid;grid-template-columns:52px minmax(0,1fr);gap:2px 8px;border-top:1px solid var(--line);padding:8px 0}
.report .report-groups td{display:block;border:0;padding:0;width:auto}
.report .report-chunks td,.report .report-chunks th{white-space:nowrap;overflow-wrap:normal}
.report .report-chunks th{vertical-align:bottom}
.report-groups td:nth-child(n+3){grid-column:2}.report .chart{overflow-x:auto}}
`;
