/** What a diagnosis adds to the style of all pages. */
export const diagnosisStyle = `
.card .big.text{font-size:1.6rem;letter-spacing:-.015em}
.paste{position:relative;margin:10px 0 12px}
.paste pre{margin:0;padding:14px 16px;border-radius:10px;background:var(--faint);border:1px solid var(--line);overflow-x:auto;font:.9rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;tab-size:4;user-select:all}
.fix{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:18px 20px;margin-bottom:16px}
.fix p+p{margin-top:6px}
.question{border-left:4px solid var(--link);background:var(--card);border-radius:10px;padding:14px 18px;margin-bottom:16px}
.notes li.cause{border-left-color:var(--bad)} .notes li.note{border-left-color:var(--neutral)} .notes li.plain{border-left-color:var(--line)}
.stair{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}
.stair.back{stroke-width:1.6;opacity:.95}
.burst{stroke:var(--c);stroke-width:2.2;fill:none}
.wait{fill:var(--faint)}
.headers{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:2 2;fill:none}
.charts figure:first-child:last-child{grid-column:1/-1}
`;
