/** Every dialect by name. */
import type { Dialect, DialectName } from './dialect.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiRealtime } from './openai-realtime.ts';
import { openaiResponses } from './openai-responses.ts';
import { streamChat } from './stream-chat.ts';
import { textStreams } from './text-streams.ts';

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'openai-realtime': openaiRealtime,
  'stream-chat': streamChat,
  'text-streams': textStreams,
};
