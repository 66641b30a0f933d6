/** The report's whole style: readable on paper, on a phone and in the dark. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #57616c; --line: #d8dde3; --paper: #fff; --soft: #f4f6f8; --accent: #1f5fbf;
  --done: #2f7d4f; --warn: #b86e00; --bad: #b3261e; --odd: #7a3fa8; --gone: #6b7a89; --wait: #ccd3db; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --dim: #9aa5b1; --line: #333b44; --paper: #14181d; --soft: #1d232a;
  --accent: #7fb0ff; --done: #55b57c; --warn: #f0a63c; --bad: #ff7a70; --odd: #c49bea; --gone: #8496a8; --wait: #414b56; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1rem; } h1 .state { vertical-align: .25em; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; } h3 .dim { font-weight: 400; font-size: .9rem; }
p { margin: .4rem 0; } ul, ol { margin: .4rem 0; padding-left: 1.25rem; } a { color: var(--accent); }
.state { display: inline-block; padding: .05rem .55rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .8rem; font-weight: 500; line-height: 1.4; color: var(--accent); }
.dim, figcaption, dt, th, caption { color: var(--dim); }
figure { margin: 1.25rem 0; } figcaption, caption { font-size: .9rem; margin-bottom: .4rem; text-align: left; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } .scroll { overflow-x: auto; }
th { text-align: left; font-weight: 500; font-size: .85rem; } th, td { padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; } td.n, th.n { text-align: right; } td.zero { color: var(--wait); } td .dim { font-size: .85rem; }
code, .mono { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: .75rem; }
.answers section { background: var(--soft); border-radius: .5rem; padding: .8rem 1.1rem 1rem; min-width: 0; }
.answers h2 { border: 0; margin: 0 0 .3rem; padding: 0; font-size: .85rem; font-weight: 500; color: var(--dim); }
.answers .big b { font-size: 2.2rem; line-height: 1.1; font-variant-numeric: tabular-nums; }
.facts { margin: .6rem 0 0; display: grid; gap: .15rem; } .facts div { display: grid; grid-template-columns: 8.5rem 1fr; gap: .5rem; } .facts dt { font-size: .9rem; } .facts dd { margin: 0; }
ul.done { list-style: none; padding: 0; } ul.done li { margin-bottom: .45rem; } ul.done b { font-variant-numeric: tabular-nums; }
.bars dl { margin: 0; } .bars dl div { display: grid; grid-template-columns: 12rem 1fr; gap: .75rem; align-items: start; padding: .12rem 0; }
.bars dt { text-align: right; color: var(--ink); } .bars dd { margin: 0; } .bars dd b { margin-left: .4rem; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; height: .95rem; vertical-align: -.15rem; background: var(--accent); border-radius: 2px; }
.stacked { display: flex; gap: 1px; height: .7rem; margin-top: .2rem; border-radius: 3px; overflow: hidden; background: var(--line); } .stacked i { min-width: 3px; }
.is-done { background: var(--done); } .is-gone { background: var(--gone); } .is-unreachable { background: var(--warn); } .is-refused { background: var(--bad); } .is-unknown { background: var(--odd); } .is-waiting { background: var(--wait); }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; font-size: .85rem; color: var(--dim); } .legend i { display: inline-block; width: .75rem; height: .75rem; border-radius: 2px; margin-right: .4rem; vertical-align: -.05rem; }
.outcomes td:first-child { min-width: 15rem; width: 45%; }
.columns svg { display: block; width: 100%; height: 4rem; fill: var(--accent); border-bottom: 1px solid var(--line); } .columns .ends { display: flex; justify-content: space-between; margin: .15rem 0 0; font-size: .8rem; }
details { margin: .75rem 0; } summary { cursor: pointer; font-weight: 500; } summary .dim { font-weight: 400; }
ol.timeline { list-style: none; margin: .4rem 0; padding: 0 0 0 .5rem; } ol.timeline > li { position: relative; display: grid; grid-template-columns: 3rem 5rem 1fr; gap: .6rem; padding: .22rem 0 .22rem 1.1rem; border-left: 2px solid var(--line); }
ol.timeline > li::before { content: ""; position: absolute; left: -.4rem; top: .62rem; width: .65rem; height: .65rem; border-radius: 50%; background: var(--mark, var(--wait)); }
ol.timeline time { font-variant-numeric: tabular-nums; color: var(--dim); } .kind { color: var(--dim); font-size: .85rem; line-height: 1.75; } ol.timeline > li > div { min-width: 0; white-space: pre-line; }
.kind-breach, .kind-finding { --mark: var(--bad); } .kind-decision { --mark: var(--warn); } .kind-run, .kind-approval { --mark: var(--done); } .kind-evidence, .kind-plan { --mark: var(--accent); } .kind-report { --mark: var(--odd); }
.warnings { list-style: none; padding: 0; } .warnings li { border-left: 3px solid var(--warn); padding-left: .75rem; margin: .4rem 0; } .overdue { color: var(--bad); font-weight: 600; }
pre { background: var(--soft); padding: .75rem 1rem; border-radius: .4rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
article { padding-bottom: .5rem; } article p.mono { margin: .2rem 0; }
@media (max-width: 34rem) { main { padding: 1rem .9rem 3rem; } .answers { grid-template-columns: 1fr; } .bars dl div { grid-template-columns: 1fr; gap: 0; padding: .25rem 0; } .bars dt { text-align: left; }
  .facts div { grid-template-columns: 6.5rem 1fr; } ol.timeline > li { grid-template-columns: 3rem 1fr; } ol.timeline > li > div { grid-column: 1 / -1; } th, td { padding-right: .6rem; } }
@media print { main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; } tr, li, figure, article { break-inside: avoid; } .bar, .stacked, .stacked i, .legend i, .answers section { print-color-adjust: exact; } }
`;
