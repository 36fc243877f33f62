/**
 * JUnit XML: each gate a test case, so that any CI shows it. An invalid run is an error of every
 * case, because no gate counts then. Element names follow the Ant/Surefire schema.
 */
import { formatShare } from '../../format/number.ts';
import { timeOf } from '../../wall-time.ts';
import { formatMeasured, formatMetric } from '../view/metric-format.ts';
import type { GateView, ReportModel } from '../view/report-model.ts';
import type { Renderer } from '../renderer.ts';

/** Characters that XML 1.0 cannot hold, not even escaped: controls, lone surrogates, non-characters. */
function isForbidden(character: string): boolean {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return code !== 0x9 && code !== 0xa && code !== 0xd;
  return (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff;
}

const xmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text for element content and attributes; characters that XML forbids are replaced by U+FFFD. */
export function escapeXml(text: string): string {
  let escaped = '';
  for (const character of text) {
    escaped += isForbidden(character) ? '\ufffd' : (xmlEntities[character] ?? character);
  }
  return escaped;
}

function described(gate: GateView): string {
  const measured = `measured ${formatMeasured(gate)}, limit ${formatMetric(gate.limit, gate.unit)}`;
  return gate.margin === null ? measured : `${measured}, margin ${formatShare(gate.margin)}`;
}

type CaseKind = 'passed' | 'failure' | 'error' | 'skipped';

function kindOf(gate: GateView, model: ReportModel): CaseKind {
  if (model.verdict.word === 'INVALID') return 'error';
  if (gate.verdict === 'pass') return 'passed';
  return gate.verdict === 'fail' ? 'failure' : 'skipped';
}

function testCase(gate: GateView, model: ReportModel): string[] {
  const kind = kindOf(gate, model);
  const name = escapeXml(gate.arm === null ? gate.text : `${gate.text} [${gate.arm}]`);
  const open = `    <testcase classname="${escapeXml(`streamgauge.${model.title}`)}" name="${name}" time="0">`;
  const message = {
    passed: '',
    failure: described(gate),
    error: `the run is invalid: ${model.verdict.reasons[0] ?? model.verdict.sentence}`,
    skipped: `cannot be decided: ${gate.verdict === 'no_data' ? 'no data' : described(gate)}`,
  }[kind];
  if (kind === 'passed') {
    return [
      open,
      `      <system-out>${escapeXml(described(gate))}</system-out>`,
      '    </testcase>',
    ];
  }
  const type = kind === 'skipped' ? '' : ` type="${kind === 'error' ? 'invalid' : 'gate'}"`;
  return [open, `      <${kind} message="${escapeXml(message)}"${type}/>`, '    </testcase>'];
}

function renderJunit(model: ReportModel): string {
  const kinds = model.gates.map((gate) => kindOf(gate, model));
  const count = (kind: CaseKind): number => kinds.filter((other) => other === kind).length;
  const seconds = (timeOf(model.finished) - timeOf(model.started)) / 1000;
  const numbers = `tests="${kinds.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${Number.isFinite(seconds) ? seconds : 0}"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="streamgauge" ${numbers}>`,
    `  <testsuite name="${escapeXml(model.title)}" ${numbers} timestamp="${escapeXml(model.started.replace(/\.\d+Z$|Z$/, ''))}">`,
    '    <properties>',
    `      <property name="verdict" value="${model.verdict.word}"/>`,
    `      <property name="partial" value="${model.verdict.partial}"/>`,
    `      <property name="seed" value="${escapeXml(model.seed)}"/>`,
    `      <property name="result" value="${escapeXml(model.id)}"/>`,
    '    </properties>',
    ...model.gates.flatMap((gate) => testCase(gate, model)),
    '  </testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

export const junitRenderer = {
  name: 'junit',
  description: 'gates as test cases, for any CI',
  render: (model) => [{ name: 'junit.xml', text: renderJunit(model) }],
} as const satisfies Renderer;
