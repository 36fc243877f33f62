/**
 * The style that all pages share. What one chart or one kind of page needs comes as an addition. Series colours are chosen to differ for people with red-green blindness (blue,
 * vermilion, teal, purple… with different lightness), and every series has a shape as well.
 */

/** Style of one chart or of one kind of page. */
export interface StyleAddition {
  rules: string;
  /** Custom properties with the colours of light pages: `--mine: #0b6bcb;`. */
  light?: string;
  /** The same for dark pages. */
  dark?: string;
}

const lightColors = `
  color-scheme: light;
  --page: #f6f7f8; --card: #ffffff; --ink: #15181c; --soft: #59636e; --line: #dde1e6; --faint: #eef0f3;
  --good: #0f7a4a; --good-back: #e4f4ec; --bad: #b3261e; --bad-back: #fbe9e7;
  --caution: #8a5a00; --caution-back: #fdf2dc; --neutral: #44505c; --neutral-back: #e9edf1;
  --link: #0b5fb8;
  --s0: #0b6bcb; --s1: #cf5208; --s2: #0b8a68; --s3: #8e44b5; --s4: #a37a00; --s5: #bf2e6b; --s6: #2c7f95; --s7: #5f676f;
`;

const darkColors = `
  color-scheme: dark;
  --page: #0e1114; --card: #161a1f; --ink: #e9ecef; --soft: #9aa6b2; --line: #2b323a; --faint: #1e242a;
  --good: #4cc38a; --good-back: #12291f; --bad: #ff8a80; --bad-back: #331816;
  --caution: #f0b849; --caution-back: #2f2410; --neutral: #b3bec9; --neutral-back: #222930;
  --link: #6cb2ff;
  --s0: #5aa9f7; --s1: #ff9955; --s2: #3ecf9f; --s3: #c79bea; --s4: #e2bd45; --s5: #f283ad; --s6: #6cc5dc; --s7: #aab2bb;
`;

const series = Array.from({ length: 8 }, (_, index) => `.s${index}{--c:var(--s${index})}`).join('');

/** The whole style of a page. */
export function styleSheet(additions: readonly StyleAddition[]): string {
  const joined = (parts: readonly (string | undefined)[]): string =>
    parts.map((part) => (part === undefined ? '' : `${part}\n`)).join('');
  const light = lightColors + joined(additions.map((addition) => addition.light));
  const dark = darkColors + joined(additions.map((addition) => addition.dark));
  return `
:root{${light}}
@media (prefers-color-scheme: dark){:root:not([data-theme=light]){${dark}}}
:root[data-theme=dark]{${dark}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
.wrap{max-width:1240px;margin:0 auto;padding:0 24px}
a{color:var(--link)}
h1,h2,h3{line-height:1.2;margin:0;letter-spacing:-.011em;text-wrap:balance}
h1{font-size:clamp(1.5rem,1.1rem + 1.6vw,2.15rem);font-weight:680}
h2{font-size:1.3rem;font-weight:660;margin:0 0 1rem}
h3{font-size:1rem;font-weight:640}
p{margin:0}
.soft{color:var(--soft)}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:9}
header{padding:32px 0 24px}
.brand{display:flex;gap:12px;align-items:center;justify-content:space-between;font-size:.875rem;color:var(--soft);margin-bottom:18px}
.brand b{color:var(--ink);font-weight:650;letter-spacing:-.01em}
.brand svg{width:1.35rem;height:1.35rem;vertical-align:-.3rem;margin-right:.45rem}
header .soft{max-width:62rem;margin-top:.4rem}
.verdict{margin:22px 0 0;padding:16px 20px;border-radius:12px;display:grid;grid-template-columns:auto 1fr;column-gap:20px;row-gap:4px;align-items:center}
.verdict strong{font-size:1.35rem;letter-spacing:.01em;white-space:nowrap}
.verdict ul{grid-column:2;margin:.2rem 0 0;padding-left:1.1rem}
.verdict.good{background:var(--good-back)} .verdict.good strong{color:var(--good)}
.verdict.bad{background:var(--bad-back)} .verdict.bad strong{color:var(--bad)}
.verdict.caution{background:var(--caution-back)} .verdict.caution strong{color:var(--caution)}
.verdict.neutral{background:var(--neutral-back)} .verdict.neutral strong{color:var(--neutral)}
nav{position:sticky;top:0;z-index:5;background:color-mix(in srgb,var(--page) 92%,transparent);backdrop-filter:blur(8px);border-bottom:1px solid var(--line)}
nav ul{display:flex;gap:4px;list-style:none;margin:0;padding:8px 0;overflow-x:auto;scrollbar-width:none}
nav a{display:block;padding:5px 12px;border-radius:8px;color:var(--soft);text-decoration:none;font-size:.9rem;font-weight:550;white-space:nowrap}
nav a:hover,nav a:focus-visible{background:var(--neutral-back);color:var(--ink)}
section{padding:36px 0 4px}
.cards{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(min(100%,270px),1fr))}
.card,figure{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:20px;margin:0;min-width:0}
.card{border-top:3px solid var(--c)}
.card .how{font-size:.85rem;color:var(--soft);margin-top:3px}
.card .big{font-size:2.5rem;font-weight:680;letter-spacing:-.03em;line-height:1.1;margin-top:14px}
.card .big span{font-size:1.1rem;font-weight:550;letter-spacing:0;color:var(--soft)}
.card .what{font-size:.85rem;color:var(--soft)}
.chip{display:inline-block;font-size:.75rem;font-weight:600;padding:1px 8px;border-radius:99px;background:var(--neutral-back);color:var(--neutral);margin-left:6px;vertical-align:2px}
dl{display:grid;grid-template-columns:1fr auto;gap:5px 14px;margin:16px 0 0;font-size:.9rem}
dl>div{grid-column:1/-1;display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 14px}
dl>div dd{margin-left:auto}
dt{color:var(--soft)} dd{margin:0;text-align:right;font-weight:560}
.charts{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(min(100%,500px),1fr))}
.charts+.charts{margin-top:16px}
figure{display:flex;flex-direction:column}
figure figcaption{margin-top:auto;font-size:.875rem;color:var(--soft);border-top:1px solid var(--faint);padding-top:10px}
figure figcaption p{max-width:46rem}
.legend{display:flex;flex-wrap:wrap;gap:3px 18px;list-style:none;margin:8px 0 2px;padding:0;font-size:.875rem;color:var(--soft)}
.icon{width:.85rem;height:.85rem;vertical-align:-.08rem;margin-right:.42rem;overflow:visible}
.icon.wide{width:1.5rem}
.chart{display:block;width:100%;max-width:760px;height:auto;margin:6px auto 0;overflow:visible;touch-action:pan-y}
.chart text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--soft);font-variant-numeric:tabular-nums}
.chart .name{font-size:11.5px}
.chart .strong{fill:var(--ink);font-weight:600;font-size:12.5px}
.chart .failed{fill:var(--bad);font-weight:600}
.chart .halo{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
.grid{stroke:var(--line);stroke-width:1;fill:none;stroke-dasharray:1 3}
.axis{stroke:var(--soft);stroke-width:1;fill:none;opacity:.6}
${series}
.line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.weak{stroke-dasharray:2 5;opacity:.85}
.area{fill:var(--c);opacity:.2}
.fill{fill:var(--c);opacity:.85}
.mark{fill:var(--c);stroke:var(--card);stroke-width:1.2}
.icon .mark{stroke:none}
.median{stroke:var(--ink);stroke-width:1.3;fill:none}
.intended{stroke:var(--soft);stroke-width:1.6;stroke-dasharray:6 4;fill:none}
.band{fill:var(--soft);opacity:.11}
section>.soft{margin:0 0 14px}
.stacked{display:grid;gap:16px}
h4{font-size:.9rem;font-weight:600;margin:18px 0 0;color:var(--soft)}
.rule{stroke:var(--ink);stroke-width:1;opacity:.5}
.catch{fill:transparent}
details{margin-top:10px}
summary{cursor:pointer;color:var(--link);font-size:.875rem;width:fit-content}
.scroll{overflow-x:auto;margin-top:8px}
figcaption .scroll{overflow-y:auto;max-height:26rem}
.scroll:focus-visible,summary:focus-visible,a:focus-visible,button:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{text-align:left;padding:6px 14px 6px 0;border-bottom:1px solid var(--faint);vertical-align:top}
thead th{color:var(--soft);font-weight:560;border-bottom-color:var(--line);white-space:nowrap}
.num{text-align:right;white-space:nowrap}
th.num,td.num{padding-left:14px;padding-right:0}
tbody th{font-weight:600}
tr.first>*{border-top:1px solid var(--line)}
.panel>.soft{font-size:.875rem;margin-top:10px}
.panel{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:8px 20px 14px}
.good-text{color:var(--good);font-weight:640} .bad-text{color:var(--bad);font-weight:640} .neutral-text{color:var(--neutral);font-weight:640}
code{font:.85em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.arm,td code{white-space:nowrap}
.notes{list-style:none;margin:0;padding:0;display:grid;gap:10px}
.notes li{background:var(--card);border:1px solid var(--line);border-left:3px solid var(--caution);border-radius:10px;padding:12px 16px}
.notes p+p{margin-top:3px}
footer{color:var(--soft);font-size:.875rem;padding:40px 0 48px}
footer dl{grid-template-columns:max-content 1fr;max-width:62rem}
footer dd{text-align:left;font-weight:400;overflow-wrap:anywhere;color:var(--ink)}
button{font:inherit;font-size:.85rem;color:var(--soft);background:none;border:1px solid var(--line);border-radius:8px;padding:4px 12px;cursor:pointer}
button:hover{color:var(--ink);background:var(--card)}
#readout{position:fixed;z-index:8;pointer-events:none;background:var(--ink);color:var(--card);font-size:.8rem;line-height:1.45;padding:7px 11px;border-radius:8px;white-space:pre;box-shadow:0 4px 18px rgb(0 0 0/.25)}
[hidden]{display:none!important}
${joined(additions.map((addition) => addition.rules))}@media (max-width:640px){
  .wrap{padding:0 14px}
  header{padding-top:20px}
  .card,figure,.panel{padding:14px;border-radius:12px}
  .panel{padding-top:6px}
  .verdict{grid-template-columns:1fr;padding:14px 16px}
  .verdict ul{grid-column:1}
  .chart text{font-size:18px}
  .chart .name{font-size:16px}
  .chart .strong{font-size:18px}
  .chart .small{font-size:16px}
  .chart .odd{display:none}
  .line{stroke-width:2.6}
  footer dl{grid-template-columns:1fr;gap:2px} footer dt{margin-top:6px}
}
@media print{
  :root,:root[data-theme=dark],:root:not([data-theme=light]){${light}--page:#fff}
  body{font-size:11pt}
  nav,button,figcaption details,.skip{display:none}
  .scroll{max-height:none;overflow:visible}
  .wrap{max-width:none;padding:0}
  section{padding-top:18px}
  figure,.card,.notes li,tr{break-inside:avoid}
  h2{break-after:avoid}
  .charts{grid-template-columns:1fr 1fr}
  .card,figure{padding:12px}
  .num,thead th{white-space:normal}
  th,td{padding-top:3px;padding-bottom:3px}
  *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
`;
}
