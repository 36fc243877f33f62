/** Background mode: the option, and what only answers in the background can do. */
import { z } from 'zod';
import type { ArmProblem, AskedArm } from '../../dialect.ts';
import { option, type OptionValues } from '../../options.ts';

export const options = {
  background: option(
    z
      .boolean()
      .describe(
        'Asks for background mode (`background` and `store`), whose streams can be continued and cancelled; over sse or http. Default false',
      ),
    false,
  ),
};

export type Options = OptionValues<typeof options>;

/** What only answers in the background can do, and what they cannot. */
export function check({ transport, options, resumes, leave }: AskedArm<Options>): ArmProblem[] {
  const { background } = options;
  const problems: ArmProblem[] = [];
  const wrong = (path: string[], code: string, message: string, hint: string): void =>
    void problems.push({ path, code, message, hints: [hint] });
  if (background && transport === 'websocket') {
    wrong(
      ['background'],
      'option-mismatch',
      'the Responses API has no background mode over websocket',
      'use transport: sse or http in this arm',
    );
  }
  if (resumes && !background && transport === 'sse') {
    wrong(
      ['reconnect'],
      'resume-mismatch',
      'the Responses API can continue only what it makes in the background',
      'add background: true to this arm',
    );
  }
  if (leave?.how === 'cancel' && !(background && transport === 'sse')) {
    wrong(
      ['leave', 'how'],
      'leave-mismatch',
      'the Responses API cancels only what it makes in the background',
      'add background: true with transport: sse, or leave the connection: how: fin',
    );
  }
  if (leave?.probes && background) {
    wrong(
      ['leave', 'probe'],
      'leave-mismatch',
      'in the background the target reports usage, and two estimates would be mixed',
      'remove probe',
    );
  }
  return problems;
}
