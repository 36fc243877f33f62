// Generated from the files in src/dialect/members/ by `npm run generate`; change those, not this list.
import { openaiChat } from './members/openai-chat/openai-chat.ts';
import { openaiRealtime } from './members/openai-realtime/openai-realtime.ts';
import { openaiResponses } from './members/openai-responses/openai-responses.ts';
import { streamChat } from './members/stream-chat.ts';
import { textStreams } from './members/text-streams.ts';

export const dialectMembers = [
  openaiChat,
  openaiRealtime,
  openaiResponses,
  streamChat,
  textStreams,
] as const;
