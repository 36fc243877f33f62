/** Every dialect by name. */
import type { Dialect, DialectName } from './dialect.ts';
import { openaiChat } from './members/openai-chat/openai-chat.ts';
import { openaiRealtime } from './members/openai-realtime/openai-realtime.ts';
import { openaiResponses } from './members/openai-responses/openai-responses.ts';
import { streamChat } from './members/stream-chat.ts';
import { textStreams } from './members/text-streams.ts';

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'openai-realtime': openaiRealtime,
  'stream-chat': streamChat,
  'text-streams': textStreams,
};
