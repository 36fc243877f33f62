// @ts-check
import { stringify } from 'yaml';
import { banner, code, table } from './markdown.js';

/**
 * The part of JSON Schema that the scenario's schema uses.
 *
 * @typedef {object} Schema
 * @property {string} [title]
 * @property {string} [description]
 * @property {string | string[]} [type]
 * @property {string} [const]
 * @property {readonly unknown[]} [enum]
 * @property {readonly unknown[]} [examples]
 * @property {number} [minimum]
 * @property {number} [exclusiveMinimum]
 * @property {Record<string, Schema>} [properties]
 * @property {readonly string[]} [required]
 * @property {Schema | boolean} [additionalProperties]
 * @property {Schema} [items]
 * @property {readonly Schema[]} [anyOf]
 * @property {readonly Schema[]} [oneOf]
 * @property {string} [$ref]
 * @property {Record<string, Schema>} [$defs]
 */

/** Keys of the top level that no arm can override; the others are defaults of all arms. */
const ofTheWhole = [
  '$schema',
  'name',
  'description',
  'seed',
  'trials',
  'arms',
  'matrix',
  'heatmap',
  'prompt',
  'max_tokens',
  'prompts',
  'variables',
  'gates',
];

/** @typedef {import('../../src/scenario/dialect-options.ts').DialectReference} DialectReference */

/**
 * The reference of the scenario file.
 *
 * @param {object} jsonSchema - of the scenario, as `streamgauge schema scenario` prints it
 * @param {readonly DialectReference[]} dialects
 */
export function scenarioPage(jsonSchema, dialects) {
  const root = /** @type {Schema} */ (jsonSchema);
  const page = new Page(root.$defs ?? {});
  const all = Object.entries(root.properties ?? {});
  const whole = all.filter(([key]) => ofTheWhole.includes(key));
  const perArm = all.filter(([key]) => !ofTheWhole.includes(key));
  const apart = ['load', 'session', 'mock', 'faults', 'proxy'];
  const options = dialects.flatMap((dialect) => dialect.options);
  const plain = perArm.filter(([key]) => !apart.includes(key) && !options.includes(key));
  const load = page.resolve(root.properties?.['load'] ?? {});
  const step = page.resolve(page.resolve(root.properties?.['session'] ?? {}).items ?? {});
  const ways = page.resolve(root.properties?.['proxy'] ?? {}).anyOf ?? [];
  const proxies = ways.flatMap((option) => page.resolve(option).oneOf ?? []);
  const installed = ways.map((option) => page.resolve(option)).find((one) => one.properties);
  const mock = page.resolve(root.properties?.['mock'] ?? {});
  return `${banner('src/scenario/schema*.ts and src/dialect/members/')}
# Scenario files

YAML 1.2 or JSON. An unknown key is an error, at every depth. Numbers that measure something carry
their unit: \`250ms\`, \`2%\`, \`50/s\`. Where a distribution is allowed, its first parameter carries the
unit: \`lognormal(180ms, 0.4)\`.

- \`\${NAME}\` and \`\${NAME:-otherwise}\` are filled in from the environment; \`$\${\` stands for \`\${\`.
- \`api_key\` and headers that hold secrets must come from the environment.
- Paths of files are relative to the scenario's folder.
- \`--set path=value\` overrides one value for one run: \`--set load.duration=10s\`,
  \`--set 'matrix."network.rtt"=[1ms]'\`. The value is read as YAML.
- \`streamgauge validate FILE\` shows every mistake with its line; \`streamgauge schema\` prints the JSON
  Schema that editors complete from.

## The whole

${page.keys(whole, [])}
## An arm

These keys are written in an arm, or at the top level as the default of all arms. Objects are merged key by
key; a \`load\` of another kind replaces the default.

${page.keys(plain, [])}
The others have separate sections: ${apart.map((key) => `[\`${key}\`](#${key})`).join(', ')}.

\`network\` is short for the faults that make it up; what each named network consists of is in the
[reference of faults](faults.md#named-networks).

## dialect

What each dialect can do, and the options that only its arms may have. An option may stand at the top
level too, as the default of all arms; an arm of another dialect then takes no other value than the
option's default.

${dialects.map((dialect) => dialectSection(page, dialect, all)).join('\n')}
## load

${(load.oneOf ?? [])
  .map((kind) => {
    const { kind: name, ...keys } = kind.properties ?? {};
    return `### kind: ${name?.const ?? ''}\n\n${kind.description ?? ''}.\n\n${exampleOf(kind)}${page.keys(Object.entries(keys), kind.required ?? [])}`;
  })
  .join('\n')}
## session

A list of steps; each is an object with one of these keys.

${page.keys(Object.entries(step.properties ?? {}), [])}
\`{{name}}\` in a prompt or tool result is filled in: \`{{prompt}}\` with the session's text from
\`prompts\`, \`{{session}}\` and \`{{turn}}\` with numbers from 0, any other name from \`variables\`.

## faults

A list: what happens to the bytes between client and target, in the order they meet it, behind
\`network\`. Each fault is written in full, \`{ kind: delay, rtt: 50ms }\`, or in short,
\`delay: { rtt: 50ms }\`. A fault that never acted is a warning. The kinds and their keys:
[faults](faults.md).

\`\`\`yaml
faults:
  - slicer: { size: "uniform(1B, 40B)" }
  - disconnect: { how: rst, after: { bytes: 4KiB }, of: 10% }
\`\`\`

## proxy

A buffering proxy between the client's network and the target: a simulated kind, with nothing to
install, or an installed program with \`real: true\`. What each does and how true the simulations
are: [proxy buffering](../proxy-buffering.md).

${proxies
  .map((kind) => {
    const { kind: name, ...keys } = kind.properties ?? {};
    const settings = Object.entries(keys);
    return `### kind: ${name?.const ?? ''}\n\n${kind.description ?? ''}.${settings.length > 0 ? `\n\n${page.keys(settings, kind.required ?? [])}` : '\n'}`;
  })
  .join('\n')}
### real: true

${installed?.description ?? ''}. It passes no WebSocket upgrades.

${page.keys(Object.entries(installed?.properties ?? {}), installed?.required ?? [])}
## mock

${page.keys(Object.entries(mock.properties ?? {}), [])}`;
}

/**
 * @param {Page} page
 * @param {DialectReference} dialect
 * @param {readonly [string, Schema][]} keys - of the top level
 */
function dialectSection(page, { name, summary, transports, supports, options }, keys) {
  const list = (/** @type {readonly string[]} */ names) => names.map(code).join(', ');
  const can = [
    `uses ${list(transports)}`,
    supports.tools ? 'tools' : '',
    supports.audioInput ? 'spoken input' : '',
    supports.freshTurns ? '`history: none`' : '',
    supports.resume.length > 0 ? `\`reconnect\` over ${list(supports.resume)}` : '',
    supports.cancel === 'none' ? '' : `\`leave: { how: cancel }\` by a ${supports.cancel}`,
    supports.verify ? '`verify`' : '',
    supports.sdk ? '`via: sdk`' : '',
    supports.diagnose ? '`streamgauge diagnose`' : '',
  ];
  const rows = keys.filter(([key]) => options.includes(key));
  return `### ${name}

${sentence(summary)}. ${sentence(can.filter((part) => part !== '').join('; '))}.
${rows.length > 0 ? `\n${page.keys(rows, [])}` : ''}`;
}

/** @param {string} text */
function sentence(text) {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}

/**
 * The example of a kind of load as one line of a scenario.
 *
 * @param {Schema} kind
 */
function exampleOf({ examples: [example] = [] }) {
  const text = stringify({ load: example }, { collectionStyle: 'flow', lineWidth: 0 });
  return example === undefined ? '' : `For example ${code(text.trim().slice(2, -2))}.\n\n`;
}

class Page {
  /** @param {Record<string, Schema>} definitions */
  constructor(definitions) {
    this.definitions = definitions;
  }

  /**
   * @param {Schema} schema
   * @returns {Schema}
   */
  resolve(schema) {
    const name = schema.$ref?.split('/').at(-1);
    if (name === undefined) return schema;
    const { $ref: _, ...own } = schema;
    return { ...this.definitions[name], ...own };
  }

  /**
   * A table of keys, those of inner objects under their path.
   *
   * @param {readonly [string, Schema][]} entries
   * @param {readonly string[]} required
   */
  keys(entries, required) {
    return table(['key', 'value', 'meaning'], this.rows(entries, required, ''));
  }

  /**
   * @param {readonly [string, Schema][]} entries
   * @param {readonly string[]} required
   * @param {string} prefix
   * @returns {string[][]}
   */
  rows(entries, required, prefix) {
    return entries.flatMap(([key, unresolved]) => {
      const schema = this.resolve(unresolved);
      const name = `${prefix}${key}`;
      const row = [
        code(name) + (required.includes(key) ? ' (needed)' : ''),
        this.value(schema),
        schema.description ?? '',
      ];
      const recursive = schema.items && name.endsWith('steps');
      const inner = recursive ? [] : this.objectsIn(schema);
      return [
        row,
        ...inner.flatMap(({ schema: object, suffix }) =>
          this.rows(
            Object.entries(object.properties ?? {}),
            object.required ?? [],
            `${name}${suffix}.`,
          ),
        ),
      ];
    });
  }

  /**
   * Objects with their own keys in a value. Definitions with a name are shown in their own place.
   *
   * @param {Schema} schema
   * @returns {{ schema: Schema; suffix: string }[]}
   */
  objectsIn(schema) {
    if (schema.properties) return [{ schema, suffix: '' }];
    if (schema.items && !schema.items.$ref) {
      return this.objectsIn(schema.items).map(({ schema: object, suffix }) => ({
        schema: object,
        suffix: `[]${suffix}`,
      }));
    }
    return (schema.anyOf ?? []).flatMap((option) => (option.$ref ? [] : this.objectsIn(option)));
  }

  /**
   * @param {Schema} unresolved
   * @returns {string}
   */
  value(unresolved) {
    const schema = this.resolve(unresolved);
    if (schema.const !== undefined) return code(schema.const);
    if (schema.enum) {
      return [...new Set(schema.enum.map(String))].map(code).join(', ');
    }
    const options = schema.anyOf ?? schema.oneOf;
    if (options) return [...new Set(options.map((option) => this.value(option)))].join(' or ');
    if (schema.type === 'array') {
      return `list of ${schema.items?.$ref ? name(schema.items.$ref) : this.value(schema.items ?? {})}`;
    }
    if (schema.type === 'object') {
      const { additionalProperties: inner } = schema;
      if (typeof inner !== 'object' || Object.keys(inner).length === 0) return 'object';
      return `object of ${inner.$ref ? name(inner.$ref) : this.value(inner)}`;
    }
    const [example] = schema.examples ?? [];
    if (typeof example === 'string') return `such as ${code(example)}`;
    return typeNames(schema);
  }
}

/** @param {string} reference */
function name(reference) {
  return `${reference.split('/').at(-1)?.toLowerCase()}s`;
}

/** @param {Schema} schema */
function typeNames({ type, minimum, exclusiveMinimum }) {
  const names = {
    string: 'text',
    number: 'number',
    integer: 'whole number',
    boolean: '`true`, `false`',
  };
  const words = [type ?? 'string']
    .flat()
    .map((one) => names[/** @type {keyof typeof names} */ (one)] ?? one);
  let limit = '';
  if (minimum !== undefined && minimum > -1e9) limit = ` ≥ ${minimum}`;
  if (exclusiveMinimum !== undefined) limit = ` > ${exclusiveMinimum}`;
  return words.join(' or ') + limit;
}
