// Generated from the files in mock-server/apis/ by `npm run generate`; change those, not this list.
import { chatApi } from './apis/chat/routes.ts';
import { realtimeApi } from './apis/realtime/routes.ts';
import { responsesApi } from './apis/responses/routes.ts';
import { streamChatApi } from './apis/stream-chat/routes.ts';
import { streamsApi } from './apis/streams/routes.ts';

export const apis = [chatApi, realtimeApi, responsesApi, streamChatApi, streamsApi] as const;
