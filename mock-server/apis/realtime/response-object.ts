/** The response object, as `response.created` and `response.done` show it. */
import { withoutAudio, type Item } from './items.ts';
import type { InputTokens, ResponseSettings } from './response-settings.ts';

export type ResponseStatus = 'in_progress' | 'completed' | 'cancelled' | 'failed' | 'incomplete';

export interface ResponseTokens {
  input: InputTokens;
  /** How much of the input was part of an earlier response's input. */
  cached: number;
  outputText: number;
  outputAudio: number;
}

export interface ResponseState {
  id: string;
  status: ResponseStatus;
  statusDetails: Readonly<Record<string, unknown>> | null;
  output: readonly Item[];
  conversationId: string;
  settings: ResponseSettings;
  tokens: ResponseTokens;
}

export function describeResponse(state: ResponseState): Record<string, unknown> {
  const { settings, status } = state;
  return {
    object: 'realtime.response',
    id: state.id,
    status,
    status_details: state.statusDetails,
    output: state.output.map(withoutAudio),
    conversation_id: settings.inConversation ? state.conversationId : null,
    output_modalities: [settings.modality],
    max_output_tokens: settings.maxOutputTokens,
    audio: { output: { format: settings.format, voice: settings.voice } },
    usage: status === 'in_progress' ? null : usage(state.tokens),
    metadata: settings.metadata,
  };
}

function usage(tokens: ResponseTokens): Record<string, unknown> {
  const { text, audio, image } = tokens.input;
  const input = text + audio + image;
  const output = tokens.outputText + tokens.outputAudio;
  return {
    total_tokens: input + output,
    input_tokens: input,
    output_tokens: output,
    input_token_details: {
      text_tokens: text,
      audio_tokens: audio,
      image_tokens: image,
      cached_tokens: Math.min(tokens.cached, input),
    },
    output_token_details: { text_tokens: tokens.outputText, audio_tokens: tokens.outputAudio },
  };
}
