/** The functions that a request offers, and whether one must be called. */
import type { OutputRequest } from '../timing/output-plan.ts';
import { badRequest, invalidType } from './api-problem.ts';
import { isObject, optionalArray, optionalBoolean, type Body } from './body-fields.ts';

export type ToolFields = Pick<
  OutputRequest,
  'tools' | 'toolParameters' | 'toolChoice' | 'forcedTool' | 'parallelToolCalls'
>;

export interface FunctionTool {
  name: string;
  /** The JSON Schema of its arguments, unchecked. */
  parameters: unknown;
}

/** Where an API writes a function, and what it complains of. */
export interface ToolDialect {
  /**
   * Reads one entry of `tools`.
   *
   * @param at - its place, for messages: `tools[2]`.
   * @returns undefined for a tool that is allowed and never used here: there is nothing to search or to run.
   */
  toolOf(tool: Body, at: string): FunctionTool | undefined;
  /** The function that a `tool_choice` names. */
  namedBy(choice: Body): string | undefined;
  /** What a `tool_choice` comes to that is an object and names no function. */
  unnamedChoice: OutputRequest['toolChoice'];
  /** Said where a call is required and there is nothing to call. */
  nothingToCall: string;
}

/** @throws ApiProblem 400 that names the wrong member. */
export function readTools(body: Body, dialect: ToolDialect): ToolFields {
  const tools: string[] = [];
  const toolParameters: Record<string, unknown> = {};
  for (const [index, tool] of (optionalArray(body, 'tools') ?? []).entries()) {
    const at = `tools[${index}]`;
    if (!isObject(tool)) throw invalidType(at, 'an object', tool);
    const read = dialect.toolOf(tool, at);
    if (!read) continue;
    tools.push(read.name);
    toolParameters[read.name] = read.parameters;
  }
  const choice = body['tool_choice'] ?? 'auto';
  if (choice !== 'auto' && choice !== 'none' && choice !== 'required' && !isObject(choice)) {
    throw badRequest(
      `Invalid value: '${JSON.stringify(choice)}'. Supported values are: 'none', 'auto', and 'required'.`,
      'tool_choice',
      'invalid_value',
    );
  }
  const forcedTool = isObject(choice) ? dialect.namedBy(choice) : undefined;
  if (forcedTool !== undefined && !tools.includes(forcedTool)) {
    throw badRequest(`Tool choice '${forcedTool}' not found in 'tools' parameter.`, 'tool_choice');
  }
  if (choice === 'required' && tools.length === 0) {
    throw badRequest(dialect.nothingToCall, 'tool_choice');
  }
  const chosen = forcedTool === undefined ? dialect.unnamedChoice : 'required';
  return {
    tools,
    toolParameters,
    toolChoice: isObject(choice) ? chosen : choice,
    parallelToolCalls: optionalBoolean(body, 'parallel_tool_calls') ?? true,
    ...(forcedTool !== undefined && { forcedTool }),
  };
}
