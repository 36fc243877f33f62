/** Chat Completions through the official package. */
import { openAiSdk } from '../../shared/openai-sdk.ts';

export const sdk = openAiSdk({
  create: (client, body, options) => client.chat.completions.create(body, options),
  // The package consumes it itself and ends the loop.
  endOfStream: '[DONE]',
});
