/** The report's whole style: readable on paper, on a phone and in the dark. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #5b6570; --line: #d8dde3; --paper: #fff; --soft: #f4f6f8; --accent: #1f5fbf;
  --done: #2f7d4f; --warn: #b86e00; --bad: #b3261e; --wait: #c3cad2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --dim: #9aa5b1; --line: #333b44; --paper: #14181d; --soft: #1b2027;
  --accent: #7fb0ff; --done: #5fbf86; --warn: #f0a63c; --bad: #ff8078; --wait: #4a535e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 2px solid var(--ink); }
.state { display: inline-block; padding: .05rem .55rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .85rem; color: var(--accent); }
.dim, figcaption, dt, th { color: var(--dim); } figcaption { font-size: .85rem; margin-bottom: .35rem; }
figure { margin: 1.25rem 0; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; font-size: .85rem; } th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; } code, .mono { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.figures div { background: var(--soft); padding: .75rem 1rem; border-radius: .4rem; } .figures b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; } ol.timeline { list-style: none; margin: 0; padding: 0 0 0 1rem; border-left: 2px solid var(--line); }
ol.timeline li { position: relative; padding: .3rem 0 .3rem .75rem; } ol.timeline li::before { content: ""; position: absolute; left: -1.42rem; top: .8rem; width: .65rem; height: .65rem; border-radius: 50%; background: var(--wait); }
li.kind-breach::before { background: var(--bad) !important; } li.kind-decision::before { background: var(--warn) !important; } li.kind-run::before, li.kind-approval::before { background: var(--done) !important; } li.kind-evidence::before, li.kind-plan::before { background: var(--accent) !important; }
svg .label, svg .value { font-size: 13px; fill: var(--ink); } svg .value { fill: var(--dim); } svg .bar { fill: var(--accent); }
.stacked { display: block; border-radius: 3px; background: var(--wait); }
.state-done { fill: var(--done); } .state-refused, .state-unknown { fill: var(--bad); } .state-unreachable, .state-gone { fill: var(--warn); } .state-waiting { fill: var(--wait); }
.warning { border-left: 3px solid var(--warn); padding-left: .75rem; margin: .4rem 0; } .overdue { color: var(--bad); font-weight: 600; }
pre { background: var(--soft); padding: .75rem 1rem; overflow-x: auto; border-radius: .4rem; }
@media print { main { max-width: none; padding: 0; } h2 { break-after: avoid; } tr, li, figure { break-inside: avoid; } }
`;
