/**
 * `@openai/agents-realtime` against the mock. Its transport checks every server event with a schema;
 * an event that fails is delivered under `*` but not under its own name, which is how a failure is
 * found here. Items that fail their schema throw in the message listener and fail the test run.
 */
import {
  OpenAIRealtimeWebSocket,
  type RealtimeSessionConfig,
  type TransportToolCallEvent,
} from '@openai/agents-realtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startMock, type MockOptions, type MockServer } from '../../../mock-server/index.ts';
import { chunks, hush, join, talk } from '../../unit/mock-server/realtime/audio-fixtures.ts';
import { realtimeUrl, type Event } from './raw-client.ts';

const model = 'gpt-realtime';

/** Server events that the package has no schema for; it passes them on unchecked. */
const unchecked = new Set(['input_audio_buffer.timeout_triggered']);

class Watched {
  readonly transport: OpenAIRealtimeWebSocket;
  readonly events: Event[] = [];
  readonly schemaFailures: Event[] = [];
  readonly errors: unknown[] = [];
  private pending: Event;
  private seen = 0;
  private wake: (() => void) | undefined;

  constructor(url: string) {
    this.transport = new OpenAIRealtimeWebSocket({ url, model });
    const emit = this.transport.emit.bind(this.transport) as (...args: unknown[]) => boolean;
    Object.defineProperty(this.transport, 'emit', {
      value: (type: string, ...args: unknown[]) => {
        this.watch(type, args[0]);
        return emit(type, ...args);
      },
    });
    this.transport.on('error', (error) => this.errors.push(error));
  }

  private watch(type: string, payload: Event): void {
    if (type === '*') {
      this.settle();
      this.pending = payload;
      this.events.push(payload);
      // Woken later, when the transport has dealt with the event.
      setImmediate(() => this.wake?.());
    } else if (type === this.pending?.type) {
      this.pending = undefined;
    }
  }

  /** The event before this one should have been delivered under its own name by now. */
  settle(): void {
    if (this.pending && !unchecked.has(this.pending.type)) this.schemaFailures.push(this.pending);
    this.pending = undefined;
  }

  async connect(config: Partial<RealtimeSessionConfig>): Promise<this> {
    await this.transport.connect({
      apiKey: 'sk-test',
      model,
      initialSessionConfig: config,
    });
    // One for tracing, sent on session.created, and one with the whole configuration.
    await this.next('session.updated');
    await this.next('session.updated');
    return this;
  }

  async next(type: string): Promise<Event> {
    for (;;) {
      for (; this.seen < this.events.length; this.seen++) {
        if (this.events[this.seen].type === type) return this.events[this.seen++];
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  of(type: string): Event[] {
    return this.events.filter((event) => event.type === type);
  }

  /** Sends audio in pieces of 100 ms, faster than real time. */
  say(audio: Uint8Array): void {
    for (const chunk of chunks(audio, 4800)) this.transport.sendAudio(new Uint8Array(chunk).buffer);
  }
}

describe('OpenAIRealtimeWebSocket', () => {
  let mock: MockServer;
  const watched: Watched[] = [];

  const serve = (options: MockOptions): void => {
    beforeAll(async () => {
      mock = await startMock(options);
    });
    afterAll(() => mock.close());
  };

  const start = async (config: Partial<RealtimeSessionConfig> = {}): Promise<Watched> => {
    const client = new Watched(realtimeUrl(mock));
    watched.push(client);
    return client.connect(config);
  };

  afterEach(() => {
    for (const client of watched.splice(0)) {
      client.transport.close();
      client.settle();
      expect(client.schemaFailures).toEqual([]);
      expect(client.errors).toEqual([]);
      expect(client.events.length).toBeGreaterThan(3);
    }
  });

  describe('turns', () => {
    serve({ ttft: '10ms', itl: '2ms', tokens: 40, audio: { speed: 20 } });

    it('has a text turn', async () => {
      const client = await start({ outputModalities: ['text'] });
      client.transport.sendMessage('hello', {});
      const { text } = await client.next('response.output_text.done');
      await client.next('response.done');
      expect(
        client
          .of('response.output_text.delta')
          .map((event) => event.delta)
          .join(''),
      ).toBe(text);
    });

    it('has an audio turn', async () => {
      const client = await start();
      let bytes = 0;
      let transcript = '';
      client.transport.on('audio', (event) => (bytes += event.data.byteLength));
      client.transport.on('audio_transcript_delta', (event) => (transcript += event.delta));
      client.transport.sendMessage('hello', {});
      await client.next('response.done');
      expect(bytes).toBe(2000 * 48);
      expect(transcript).toBe(client.of('response.output_audio_transcript.done')[0].transcript);
    });

    it('has several turns in a row, a queued request included', async () => {
      const client = await start({ outputModalities: ['text'] });
      client.transport.sendMessage('one', {});
      client.transport.sendMessage('two', {});
      await client.next('response.done');
      client.transport.sendMessage('three', {});
      await client.next('response.done');
      expect(client.of('response.done')).toHaveLength(2);
    });

    it.each([
      { type: 'server_vad', silenceDurationMs: 300 },
      { type: 'semantic_vad', eagerness: 'high' },
    ] as const)('is heard when it speaks ($type)', async (turnDetection) => {
      const client = await start({
        audio: { input: { turnDetection, transcription: { model: 'gpt-4o-mini-transcribe' } } },
      });
      client.say(join(hush(500), talk(1200), hush(900)));
      const started = await client.next('input_audio_buffer.speech_started');
      const stopped = await client.next('input_audio_buffer.speech_stopped');
      expect(started.audio_start_ms).toBe(200);
      expect(stopped.audio_end_ms).toBeGreaterThan(1900);
      expect(stopped.audio_end_ms).toBeLessThanOrEqual(2100);
      const { transcript } = await client.next(
        'conversation.item.input_audio_transcription.completed',
      );
      // The client asks for the item when its transcript is there.
      const { item } = await client.next('conversation.item.retrieved');
      expect(item).toMatchObject({ id: started.item_id, role: 'user' });
      expect(item.content[0].transcript).toBe(transcript);
      expect(Buffer.from(item.content[0].audio, 'base64')).toHaveLength(
        (stopped.audio_end_ms - started.audio_start_ms) * 48,
      );
      await expect.poll(() => client.of('response.done')).toHaveLength(1);
      expect(client.of('response.done')[0].response.status).toBe('completed');
    });

    it('calls a function and continues with its output', async () => {
      const client = await start({
        outputModalities: ['text'],
        toolChoice: 'required',
        tools: [
          {
            type: 'function',
            name: 'get_weather',
            description: 'The weather',
            strict: true,
            parameters: {
              type: 'object',
              properties: { city: { type: 'string' } },
              required: ['city'],
              additionalProperties: false,
            },
          },
        ],
      });
      const called = new Promise<TransportToolCallEvent>((resolve) => {
        client.transport.on('function_call', resolve);
      });
      client.transport.sendMessage('weather?', {});
      const call = await called;
      expect(call.name).toBe('get_weather');
      expect(typeof JSON.parse(call.arguments).city).toBe('string');
      await client.next('response.done');
      client.transport.sendFunctionCallOutput(call, 'sunny', false);
      expect((await client.next('conversation.item.done')).item).toMatchObject({
        type: 'function_call_output',
        call_id: call.callId,
        output: 'sunny',
      });
      client.transport.requestResponse({ tool_choice: 'none' });
      expect((await client.next('response.done')).response.output[0].type).toBe('message');
    });

    it('rewrites its history', async () => {
      const client = await start({ outputModalities: ['text'] });
      client.transport.sendMessage('hello', {});
      await client.next('response.done');
      const { item } = client.of('conversation.item.done')[0];
      const message = {
        itemId: item.id,
        type: 'message' as const,
        role: 'user' as const,
        status: 'completed' as const,
      };
      client.transport.resetHistory(
        [{ ...message, content: [{ type: 'input_text', text: 'hello' }] }],
        [{ ...message, content: [{ type: 'input_text', text: 'good-bye' }] }],
      );
      expect((await client.next('conversation.item.deleted')).item_id).toBe(item.id);
      expect((await client.next('conversation.item.done')).item.content[0].text).toBe('good-bye');
    });
  });

  describe('interruptions', () => {
    // Twenty seconds of speech, produced in five.
    serve({ ttft: '10ms', tokens: 400, audio: { speed: 4 } });

    it.each([true, false])('are truncated (server cancels: %s)', async (interruptResponse) => {
      const client = await start({
        audio: {
          input: {
            turnDetection: {
              type: 'server_vad',
              silenceDurationMs: 300,
              interruptResponse,
              createResponse: false,
            },
          },
        },
      });
      client.transport.sendMessage('tell me a long story', {});
      for (let i = 0; i < 4; i++) await client.next('response.output_audio.delta');
      const interrupted = new Promise<void>((resolve) => {
        client.transport.once('audio_interrupted', resolve);
      });
      client.say(talk(400));
      await interrupted;
      await client.next('input_audio_buffer.speech_started');
      const { response } = await client.next('response.done');
      expect(response).toMatchObject({
        status: 'cancelled',
        status_details: {
          type: 'cancelled',
          reason: interruptResponse ? 'turn_detected' : 'client_cancelled',
        },
      });
      const truncated = await client.next('conversation.item.truncated');
      const spoken = response.output[0];
      expect(truncated.item_id).toBe(spoken.id);
      const { item } = await client.next('conversation.item.retrieved');
      expect(item).toMatchObject({ id: spoken.id, status: 'incomplete' });
      expect(item.content).toEqual([{ type: 'output_audio', transcript: '' }]);
      // Cancelled for good: nothing is spoken after response.done.
      const doneAt = client.events.findIndex((event) => event.type === 'response.done');
      expect(
        client.events.slice(doneAt).some((event) => event.type === 'response.output_audio.delta'),
      ).toBe(false);
    });
  });
});
