/** The frame of the page: bar, columns, dialogs; and what changes on a narrow screen. */
export const layout = `
.page{min-height:100vh}
.patterns{position:absolute}
.logo{stroke:var(--accent);stroke-width:1.6;fill:none}.logo circle{fill:var(--accent);stroke:none}
.top{border-bottom:1px solid var(--line);background:var(--bg)}
.top-inner{display:flex;align-items:center;gap:24px;max-width:1280px;height:47px;margin:0 auto;padding:0 40px}
.brand{display:flex;align-items:center;gap:8px;color:var(--text);font-weight:600;font-size:14px;min-height:24px}
.brand:hover{text-decoration:none}
.top nav{display:flex;gap:4px}
.nav-link{padding:4px 10px;border-radius:6px;color:var(--text-2);font-weight:500}
.nav-link:hover{background:var(--sunken);text-decoration:none}
.nav-link[aria-current]{background:var(--sunken);color:var(--text)}
.top .right{margin-left:auto}
.tools{display:flex;align-items:center;gap:12px;margin-left:auto}
.connected{display:inline-flex;align-items:center;gap:6px;white-space:nowrap}
.dot{width:7px;height:7px;border-radius:50%;background:var(--m-succeeded);border:1.5px solid var(--m-succeeded)}
.dot.hollow{background:none;border-color:var(--warn)}
.menu{display:grid;gap:12px;padding:8px 16px 16px}
.menu nav{display:grid}
.menu .nav-link{padding:12px 10px}
.menu .tools{margin:0;justify-content:space-between}
main{max-width:1280px;margin:0 auto;padding:24px 40px 64px}
main:focus{outline:none}
.title-line{display:flex;flex-wrap:wrap;align-items:center;gap:8px 12px;min-height:32px}
.actions{display:flex;gap:8px;margin-left:auto}
.crumbs{display:flex;flex-wrap:wrap;align-items:center;gap:4px 8px;margin-bottom:8px;color:var(--text-2)}
.crumbs a{color:var(--text-2);display:inline-flex;align-items:center;gap:6px;min-height:24px}
.crumbs code{color:var(--text);overflow-wrap:anywhere}
.facts-line{margin-top:4px;overflow-wrap:anywhere}
.dialog{border:1px solid var(--line);border-radius:12px;background:var(--raised);color:var(--text);padding:24px;width:520px;
max-width:calc(100vw - 32px);max-height:calc(100vh - 32px);box-shadow:0 16px 56px var(--shadow)}
.dialog::backdrop{background:rgba(21,23,28,.35)}
.dialog h2{font-size:16px;line-height:24px;overflow-wrap:anywhere}
.dialog p{margin-top:8px}
.dialog-table{border:1px solid var(--line);border-radius:8px;margin-top:12px}
.dialog-table>div{display:flex;justify-content:space-between;gap:16px;padding:9px 12px;border-top:1px solid var(--line)}
.dialog-table dd{white-space:nowrap}
.dialog-table>div:first-child{border-top:0}
.dialog-buttons{display:flex;flex-wrap:wrap;justify-content:flex-end;gap:8px;margin-top:20px}
.choices{display:grid;gap:8px;margin-top:12px}
.choice{display:flex;gap:10px;align-items:flex-start;border:1px solid var(--line);border-radius:8px;padding:10px 12px;cursor:pointer}
.choice.checked{border-color:var(--accent);background:var(--choice)}
.choice-text{display:grid;flex:1;min-width:0;overflow-wrap:anywhere}
.keys{columns:2;column-gap:24px;margin-top:12px}
.keys>div{display:flex;gap:10px;padding:3px 0;break-inside:avoid}
.keys dt{flex:0 0 76px;display:flex;gap:4px;align-items:flex-start}
.check{display:flex;gap:8px;margin-top:12px;align-items:flex-start}
.problem,.no-match{padding:24px}
.problem h1{font-size:16px;line-height:24px}
.problem p{margin-top:8px}
.loading{padding:24px;display:grid;gap:12px;justify-items:start}
.wait-short{width:160px}.wait-long{width:60%}
.filters{display:flex;flex-wrap:wrap;gap:8px;margin-top:16px}
.search{position:relative;display:inline-flex;align-items:center}
.search .icon{position:absolute;left:11px;color:var(--text-2)}
.search input{padding-left:32px;width:260px}
.search kbd{position:absolute;right:8px;pointer-events:none}
.search input:focus~kbd{display:none}
.filter{position:relative;display:inline-flex;align-items:center}
.filter>span{position:absolute;left:11px;pointer-events:none}
.filter select{padding-left:46px;font-weight:500}
.filters .filter:last-child select{padding-left:54px}
.drop-row{display:flex;gap:8px;flex-wrap:wrap;justify-content:center}
.drop-row .filter select,.drop-zone .filter select{padding-left:42px}
@media (max-width:639.98px){
main{padding:16px 16px 96px}
.top-inner{padding:0 16px;gap:16px}
.actions{position:fixed;left:0;right:0;bottom:0;z-index:4;margin:0;padding:12px 16px;background:var(--bg);
border-top:1px solid var(--line)}
.actions .button{flex:1;min-height:44px}
.menu .button,.top .button{min-height:40px}
.keys{columns:1}
.search,.search input{width:100%}
.panel>header{padding:16px 16px 12px}
.panel>.inner{padding:0 16px 16px}
}
`;
