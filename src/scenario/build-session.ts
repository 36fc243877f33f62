/** `session:`, `prompts:` and `variables:` as the engine takes them. */
import { dialectsThat } from '../dialect/registry.ts';
import type { Dialect, ToolDefinition } from '../dialect/dialect.ts';
import { messageOf } from '../errors.ts';
import { meantHints } from '../settings/did-you-mean.ts';
import { parseDuration } from '../settings/units.ts';
import { parseCounts, parseDurations } from '../settings/fields.ts';
import type { ScenarioFiles } from './files.ts';
import type { SessionScript, SessionStep } from './plan.ts';
import type { Path, Problem } from '../settings/problem.ts';
import type { ScenarioInput } from './schema.ts';
import type { StepInput } from './schema-session.ts';

type Report = (problem: Problem) => void;
type AskInput = NonNullable<StepInput['ask']>;
type ToolResultInput = NonNullable<StepInput['tool_result']>;
type AnswerInput = Exclude<AskInput, string> | Exclude<ToolResultInput, string>;

const defaultChunkMs = 100;

/** `{{prompt}}`, `{{session}}` and `{{turn}}` are always known. */
const builtIn = ['prompt', 'session', 'turn'];

/** Texts and variables: the same for every arm. */
export interface Texts {
  prompts: readonly string[];
  order: SessionScript['promptOrder'];
  variables: Readonly<Record<string, string>>;
}

export function buildTexts(scenario: ScenarioInput, files: ScenarioFiles, report: Report): Texts {
  const variables = Object.fromEntries(
    Object.entries(scenario.variables ?? {}).map(([name, value]) => [name, String(value)]),
  );
  for (const name of Object.keys(variables)) {
    if (!builtIn.includes(name)) continue;
    report({
      path: ['variables', name],
      at: 'key',
      code: 'reserved-name',
      message: `{{${name}}} already has a meaning`,
      hints: [`${builtIn.map((word) => `{{${word}}}`).join(', ')} are filled in by the session`],
    });
  }
  const { prompts } = scenario;
  const order = prompts?.order ?? 'sequential';
  if (!prompts) return { prompts: [], order, variables };
  if ((prompts.list === undefined) === (prompts.file === undefined)) {
    report({
      path: ['prompts'],
      code: 'prompts-source',
      message: 'prompts needs either `list` or `file`',
    });
    return { prompts: [], order, variables };
  }
  if (prompts.list) return { prompts: prompts.list, order, variables };
  const at = ['prompts', 'file'];
  const text = files.read(prompts.file!, at, report);
  if (text === undefined) return { prompts: [], order, variables };
  try {
    return { prompts: readPrompts(text, prompts.file!), order, variables };
  } catch (error) {
    report({ path: at, code: 'prompts-invalid', message: `${prompts.file}: ${messageOf(error)}` });
    return { prompts: [], order, variables };
  }
}

/** One prompt per line; `.jsonl`: objects with `prompt`, or strings; `.json`: a list of either. */
export function readPrompts(text: string, file: string): string[] {
  const promptOf = (value: unknown, where: string): string => {
    const found =
      typeof value === 'object' && value !== null ? (value as { prompt?: unknown }).prompt : value;
    if (typeof found === 'string' && found !== '') return found;
    throw new Error(`${where} is neither a text nor an object with "prompt"`);
  };
  let prompts: string[];
  if (/\.json$/i.test(file)) {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list)) throw new Error('a JSON file of prompts holds a list');
    prompts = list.map((value, index) => promptOf(value, `element ${index + 1}`));
  } else {
    const lines = text
      .replace(/^\uFEFF/, '')
      .split(/\r\n|\n|\r/)
      .map((line, index) => ({ line: line.trim(), number: index + 1 }))
      .filter(({ line }) => line !== '');
    prompts = /\.jsonl$/i.test(file)
      ? lines.map(({ line, number }) => promptOf(JSON.parse(line), `line ${number}`))
      : lines.map(({ line }) => line);
  }
  if (prompts.length === 0) throw new Error('no prompts in it');
  return prompts;
}

/**
 * @param at - where the session stands, `['session']` or `[]` for the `prompt:` shorthand.
 * @param report - takes mistakes; paths begin at the arm.
 */
export function buildSession(
  steps: readonly StepInput[],
  texts: Texts,
  dialect: Dialect,
  files: ScenarioFiles,
  report: Report,
): SessionScript {
  const builder = new SessionBuilder(texts, dialect, files, report);
  const built = builder.steps(steps, ['session']);
  if (builder.turns === 0) {
    report({
      path: ['session'],
      code: 'no-turn',
      message: 'the session asks nothing',
      hints: ['add an `ask` or a `speak` step'],
    });
  }
  return {
    steps: built,
    prompts: texts.prompts,
    promptOrder: texts.order,
    variables: texts.variables,
  };
}

class SessionBuilder {
  turns = 0;
  /** On offer from the last step that named any. */
  private tools: readonly ToolDefinition[] = [];
  private toolsEverOffered = false;
  private readonly texts: Texts;
  private readonly dialect: Dialect;
  private readonly files: ScenarioFiles;
  private readonly report: Report;

  constructor(texts: Texts, dialect: Dialect, files: ScenarioFiles, report: Report) {
    this.texts = texts;
    this.dialect = dialect;
    this.files = files;
    this.report = report;
  }

  steps(steps: readonly StepInput[], at: Path): SessionStep[] {
    return steps.flatMap((step, index) => this.step(step, [...at, index]) ?? []);
  }

  private step(step: StepInput, at: Path): SessionStep | undefined {
    if (step.ask !== undefined) return this.ask(step.ask, [...at, 'ask']);
    if (step.tool_result !== undefined) {
      return this.toolResult(step.tool_result, [...at, 'tool_result']);
    }
    if (step.think !== undefined) return { kind: 'think', ms: parseDurations(step.think) };
    if (step.speak !== undefined) return this.speak(step.speak, [...at, 'speak']);
    const { times, steps } = step.repeat!;
    return { kind: 'repeat', times, steps: this.steps(steps, [...at, 'repeat', 'steps']) };
  }

  private ask(input: AskInput, at: Path): SessionStep {
    this.turns++;
    const full = typeof input === 'string' ? { prompt: input } : input;
    this.checkPlaceholders(full.prompt, typeof input === 'string' ? at : [...at, 'prompt']);
    return { kind: 'ask', prompt: full.prompt, ...this.answer(full, at) };
  }

  private toolResult(input: ToolResultInput, at: Path): SessionStep {
    this.turns++;
    const full = typeof input === 'string' ? { output: input } : input;
    if (!this.toolsEverOffered) {
      this.report({
        path: at,
        at: 'key',
        code: 'no-tools',
        message: 'tool_result without a tool: no step before it offers one',
        hints: ['give the `ask` before it `tools: [search]` and `tool_choice: required`'],
      });
    }
    this.checkPlaceholders(full.output, typeof input === 'string' ? at : [...at, 'output']);
    return { kind: 'tool_result', output: full.output, ...this.answer(full, at) };
  }

  private answer(
    input: AnswerInput,
    at: Path,
  ): Pick<Extract<SessionStep, { kind: 'ask' }>, 'maxTokens' | 'tools' | 'toolChoice'> {
    if (input.tools !== undefined) {
      this.tools = input.tools.map(toolOf);
      if (this.tools.length > 0) this.toolsEverOffered = true;
      if (!this.dialect.supports.tools) {
        this.report({
          path: [...at, 'tools'],
          at: 'key',
          code: 'no-tools',
          message: `${this.dialect.name} has no tools`,
          hints: [`use dialect: ${dialectsThat(({ supports }) => supports.tools)}`],
        });
      }
    }
    if (input.tool_choice === 'required' && this.tools.length === 0) {
      this.report({
        path: [...at, 'tool_choice'],
        code: 'no-tools',
        message: 'tool_choice is required, and no tool is on offer',
        hints: ['add `tools: [search]` to this step or to one before it'],
      });
    }
    return {
      maxTokens: input.max_tokens === undefined ? undefined : parseCounts(input.max_tokens),
      tools: this.tools,
      toolChoice: input.tool_choice,
    };
  }

  private speak(input: NonNullable<StepInput['speak']>, at: Path): SessionStep | undefined {
    this.turns++;
    if (!this.dialect.supports.audioInput) {
      this.report({
        path: at,
        at: 'key',
        code: 'no-audio',
        message: `${this.dialect.name} has no audio; it cannot take a \`speak\` step`,
        hints: [`use dialect: ${dialectsThat(({ supports }) => supports.audioInput)}`],
      });
    }
    const full = typeof input === 'string' ? { synthetic: input } : input;
    const chunkMs = full.chunk === undefined ? defaultChunkMs : parseDuration(full.chunk);
    if ((full.synthetic === undefined) === (full.file === undefined)) {
      this.report({
        path: at,
        code: 'speak-source',
        message: 'speak needs either `synthetic` (a length) or `file`',
      });
      return undefined;
    }
    if (full.file !== undefined) {
      this.files.check(full.file, [...at, 'file'], this.report);
      return {
        kind: 'speak',
        source: { kind: 'file', path: this.files.resolve(full.file) },
        chunkMs,
      };
    }
    return {
      kind: 'speak',
      source: { kind: 'synthetic', ms: parseDuration(full.synthetic!) },
      chunkMs,
    };
  }

  private checkPlaceholders(text: string, at: Path): void {
    const { variables, prompts } = this.texts;
    const known = [...builtIn, ...Object.keys(variables)];
    for (const match of text.matchAll(/\{\{\s*([\w.-]+)\s*\}\}/g)) {
      const name = match[1]!;
      const span = { offset: match.index, length: match[0].length };
      if (!known.includes(name)) {
        this.report({
          path: at,
          span,
          code: 'unknown-variable',
          message: `unknown variable {{${name}}}`,
          hints: [
            ...meantHints(name, known),
            `known: ${known.map((word) => `{{${word}}}`).join(', ')}`,
          ],
        });
      } else if (name === 'prompt' && prompts.length === 0) {
        this.report({
          path: at,
          span,
          code: 'no-prompts',
          message: '{{prompt}} has nothing to take its text from',
          hints: ['add `prompts: { list: […] }` or `prompts: { file: prompts.txt }`'],
        });
      }
    }
  }
}

function toolOf(tool: NonNullable<AnswerInput['tools']>[number]): ToolDefinition {
  if (typeof tool === 'string') return { name: tool };
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.parameters !== undefined && { parameters: tool.parameters }),
  };
}
