/** Events that the Responses API and the Realtime API have in common, its beta names included. */
import { typedEventKind } from './typed-event-kind.ts';

const deltas = [
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_summary_text.delta',
  'response.reasoning_text.delta',
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
  'response.output_audio.delta',
  'response.audio.delta',
  'response.text.delta',
];

export const responseEventKind = typedEventKind({
  textAt: Object.fromEntries(deltas.map((type) => [type, 'delta'])),
  terminals: [
    'response.completed',
    'response.incomplete',
    'response.failed',
    'response.cancelled',
    'response.done',
    'error',
  ],
});
