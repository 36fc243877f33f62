/** A conversation of a dialect, with options that differ from its defaults where they are given. */
import type { Conversation, TurnInput } from '../../src/dialect/dialect.ts';
import { neutralOptions, type DialectOptions } from '../../src/dialect/options.ts';
import { dialectNamed } from '../../src/dialect/registry.ts';
import type { TransportName } from '../../src/transport/transport.ts';

export function start(
  name: string,
  transport: TransportName,
  options: DialectOptions = {},
): Conversation {
  const dialect = dialectNamed(name);
  return dialect.start({
    transport,
    model: 'model-x',
    stream: transport !== 'http',
    dialectOptions: { ...neutralOptions(dialect.options), ...options },
    extraBody: {},
    keepsHistory: true,
  });
}

export const input: TurnInput = {
  streamId: 'a/0/1.2',
  content: { kind: 'prompt', text: 'Say hi' },
  maxTokens: 33,
  instructions: 'Be brief',
  tools: [{ name: 'look_up', description: 'd', parameters: { type: 'object' } }],
  toolChoice: 'required',
};
