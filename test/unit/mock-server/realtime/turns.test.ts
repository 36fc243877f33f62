import { describe, expect, it } from 'vitest';
import { inventWords } from '../../../../mock-server/apis/realtime/transcription.ts';
import { chunks, hush, join, noise, pcm, talk } from './audio-fixtures.ts';
import { append, sessionUpdate, startSession, steadyPlan, type Harness } from './harness.ts';

/** Sends audio as a microphone would: 20 ms at a time, in real time. */
function say(s: Harness, audio: Uint8Array, more: Record<string, unknown> = {}): void {
  for (const chunk of chunks(audio, 960)) {
    s.tell(append(chunk, more));
    s.scheduler.advanceMs(20);
  }
}

function vad(settings: Record<string, unknown>): unknown {
  return sessionUpdate({
    audio: { input: { turn_detection: { type: 'server_vad', ...settings } } },
  });
}

const pushToTalk = sessionUpdate({ audio: { input: { turn_detection: null } } });
const speakingPlan = () =>
  steadyPlan(
    'audio',
    Array.from({ length: 40 }, () => 50),
    {},
    4,
  );

describe('a turn that voice detection ends', () => {
  it('becomes an item and a response, in order and with offsets from the audio', () => {
    const s = startSession({ plan: speakingPlan });
    s.clear();
    say(s, join(hush(500), talk(1000), hush(400)), { x_streamgauge: { stream: 'a/1/s.1' } });
    const beforeDeltas = s.types().slice(0, s.types().indexOf('response.output_item.added'));
    expect(beforeDeltas).toEqual([
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'response.created',
    ]);
    const started = s.last('input_audio_buffer.speech_started').event;
    expect(started.audio_start_ms).toBe(200);
    const stopped = s.last('input_audio_buffer.speech_stopped');
    // Speech fades out a little before its end; the default silence is 200 ms.
    expect(stopped.event.audio_end_ms).toBeGreaterThan(1500);
    expect(stopped.event.audio_end_ms).toBeLessThanOrEqual(1700);
    // Told while the audio that ends the turn arrives, not later.
    expect(Math.abs(stopped.atMs - stopped.event.audio_end_ms)).toBeLessThanOrEqual(20);
    const committed = s.last('input_audio_buffer.committed').event;
    expect(committed).toMatchObject({ item_id: started.item_id, previous_item_id: null });
    expect(stopped.event.item_id).toBe(started.item_id);
    expect(s.of('conversation.item.done')[0]!.event.item).toEqual({
      id: started.item_id,
      object: 'realtime.item',
      type: 'message',
      status: 'completed',
      role: 'user',
      content: [{ type: 'input_audio', transcript: null }],
    });
    expect(s.requests[0]).toMatchObject({ streamId: 'a/1/s.1', output: { modality: 'audio' } });
    // What is retrieved is the audio between the two offsets.
    s.tell({ type: 'conversation.item.retrieve', item_id: started.item_id });
    const [part] = s.last('conversation.item.retrieved').event.item.content;
    expect(Buffer.from(part.audio, 'base64')).toHaveLength(
      (stopped.event.audio_end_ms - started.audio_start_ms) * 48,
    );
  });

  it('is possible without a response', () => {
    const s = startSession();
    s.tell(vad({ create_response: false }));
    say(s, join(talk(800), hush(400)));
    expect(s.of('input_audio_buffer.committed')).toHaveLength(1);
    expect(s.of('response.created')).toEqual([]);
  });

  it('waits longer where less eagerness or a longer silence is configured', () => {
    const endOf = (detection: Record<string, unknown>): number => {
      const s = startSession();
      s.tell(sessionUpdate({ audio: { input: { turn_detection: detection } } }));
      say(s, join(noise(800, 0.3), hush(2000)));
      return s.last('input_audio_buffer.speech_stopped').event.audio_end_ms;
    };
    expect(endOf({ type: 'server_vad', silence_duration_ms: 700 })).toBe(1500);
    const eager = ['high', 'medium', 'low'].map((eagerness) =>
      endOf({ type: 'semantic_vad', eagerness }),
    );
    expect(eager).toEqual([...eager].sort((a, b) => a - b));
    expect(new Set(eager).size).toBe(3);
  });
});

describe('speaking into an answer', () => {
  it('cancels it immediately', () => {
    const s = startSession({ plan: speakingPlan });
    say(s, join(talk(600), hush(300)));
    s.scheduler.advanceMs(500);
    expect(s.of('response.output_audio.delta').length).toBeGreaterThan(3);
    s.clear();
    say(s, talk(400));
    const types = s.types();
    const at = types.indexOf('input_audio_buffer.speech_started');
    expect(types.slice(at, at + 8)).toEqual([
      'input_audio_buffer.speech_started',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'response.output_item.done',
      'conversation.item.done',
      'response.done',
      'rate_limits.updated',
    ]);
    expect(s.last('response.done').event.response).toMatchObject({
      status: 'cancelled',
      status_details: { type: 'cancelled', reason: 'turn_detected' },
    });
    expect(s.types().lastIndexOf('response.output_audio.delta')).toBeLessThan(at);
  });

  it('lets it finish without interrupt_response', () => {
    const s = startSession({ plan: speakingPlan });
    s.tell(vad({ interrupt_response: false, create_response: false }));
    s.tell({ type: 'response.create' });
    say(s, join(talk(600), hush(400)));
    s.scheduler.advanceMs(5000);
    expect(s.last('response.done').event.response.status).toBe('completed');
  });

  it('says so when a second response would have to run at the same time as the first', () => {
    const s = startSession({ plan: speakingPlan });
    s.tell(vad({ interrupt_response: false }));
    s.tell({ type: 'response.create' });
    say(s, join(talk(600), hush(400)));
    expect(s.last('error').event.error.code).toBe('conversation_already_has_active_response');
  });
});

describe('several turns in one append', () => {
  it('are all heard, at their places, even where a response is refused', () => {
    const s = startSession({ plan: speakingPlan });
    s.tell(vad({ interrupt_response: false }));
    s.clear();
    const utterance = join(noise(400, 0.3), hush(600));
    s.tell({ ...(append(join(utterance, utterance, utterance)) as object), event_id: 'all' });
    expect(
      s.of('input_audio_buffer.speech_started').map((one) => one.event.audio_start_ms),
    ).toEqual([0, 700, 1700]);
    expect(s.of('input_audio_buffer.committed')).toHaveLength(3);
    expect(s.of('response.created')).toHaveLength(1);
    expect(s.of('error').map((one) => one.event.error)).toMatchObject([
      { code: 'conversation_already_has_active_response', event_id: 'all' },
    ]);
    s.tell(append(utterance));
    expect(s.last('input_audio_buffer.speech_started').event.audio_start_ms).toBe(2700);
  });
});

describe('push to talk', () => {
  it('commits when the client says so', () => {
    const s = startSession();
    s.tell(pushToTalk);
    say(s, join(talk(500), hush(2000)));
    expect(s.of('input_audio_buffer.speech_started')).toEqual([]);
    s.clear();
    s.tell({ type: 'input_audio_buffer.commit' });
    expect(s.types()).toEqual([
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
    ]);
    s.tell({ type: 'response.create' });
    // 2.5 s of audio are 25 tokens.
    expect(s.requests[0]!.output.inputTokens).toBeGreaterThanOrEqual(25);
  });

  it('refuses to commit less than 100 ms, to the sample', () => {
    const s = startSession();
    s.tell(pushToTalk);
    const audio = talk(100);
    s.tell(append(audio.subarray(0, 4798)));
    s.tell({ type: 'input_audio_buffer.commit', event_id: 'c1' });
    expect(s.last('error').event.error).toMatchObject({
      code: 'input_audio_buffer_commit_empty',
      event_id: 'c1',
    });
    s.tell(append(audio.subarray(4798)));
    s.tell({ type: 'input_audio_buffer.commit' });
    expect(s.of('input_audio_buffer.committed')).toHaveLength(1);
    s.tell({ type: 'input_audio_buffer.commit' });
    expect(s.last('error').event.error.message).toContain('0.00ms');
  });

  it('forgets what is cleared', () => {
    const s = startSession();
    s.tell(pushToTalk);
    say(s, talk(500));
    s.tell({ type: 'input_audio_buffer.clear' });
    expect(s.types().at(-1)).toBe('input_audio_buffer.cleared');
    s.tell({ type: 'input_audio_buffer.commit' });
    expect(s.last('error').event.error.code).toBe('input_audio_buffer_commit_empty');
  });

  it('clearing in the middle of speech starts a new turn after it', () => {
    const s = startSession();
    say(s, noise(500, 0.3));
    const first = s.last('input_audio_buffer.speech_started').event;
    s.tell({ type: 'input_audio_buffer.clear' });
    say(s, noise(500, 0.3));
    const second = s.last('input_audio_buffer.speech_started').event;
    expect(second.item_id).not.toBe(first.item_id);
    expect(second.audio_start_ms).toBe(500);
  });
});

describe('formats', () => {
  it('count offsets in time across a change of format', () => {
    const s = startSession();
    say(s, hush(1000));
    s.tell(sessionUpdate({ audio: { input: { format: { type: 'audio/pcmu' } } } }));
    const pcmu = { type: 'audio/pcmu' } as const;
    for (const chunk of chunks(join(hush(500, pcmu), noise(500, 0.3, pcmu)), 160)) {
      s.tell(append(chunk));
    }
    expect(s.last('input_audio_buffer.speech_started').event.audio_start_ms).toBe(1200);
  });

  it('refuses audio that is not base64, not a string, or too much', () => {
    const s = startSession();
    for (const [audio, code] of [
      ['%%%%', 'invalid_value'],
      [undefined, 'missing_required_parameter'],
      [7, 'invalid_type'],
      ['A'.repeat(15 * 1024 * 1024 + 4), 'string_above_max_length'],
    ] as const) {
      s.tell({ type: 'input_audio_buffer.append', audio, event_id: `e_${code}` });
      expect(s.last('error').event.error).toMatchObject({
        code,
        param: 'audio',
        event_id: `e_${code}`,
      });
    }
    s.clear();
    s.tell({ type: 'input_audio_buffer.append', audio: 'A'.repeat(15 * 1024 * 1024) });
    expect(s.of('error')).toEqual([]);
  });
});

describe('transcription', () => {
  it('comes in pieces after the commit and ends up in the item', () => {
    const s = startSession();
    s.tell(
      sessionUpdate({
        audio: { input: { turn_detection: null, transcription: { model: 'gpt-4o-transcribe' } } },
      }),
    );
    s.tell(append(talk(2000)));
    s.tell({ type: 'input_audio_buffer.commit' });
    const prefix = 'conversation.item.input_audio_transcription';
    expect(s.of(`${prefix}.delta`)).toEqual([]);
    const committedAt = s.last('input_audio_buffer.committed').atMs;
    s.scheduler.advanceMs(1000);
    const completed = s.last(`${prefix}.completed`);
    expect(completed.atMs - committedAt).toBeCloseTo(200, 6);
    const { transcript, usage, item_id: id } = completed.event;
    expect(transcript).toBe(inventWords(2000).join(''));
    expect(
      s
        .of(`${prefix}.delta`)
        .map((one) => one.event.delta)
        .join(''),
    ).toBe(transcript);
    expect(usage).toMatchObject({ type: 'tokens', input_tokens: 20 });
    s.tell({ type: 'conversation.item.retrieve', item_id: id });
    expect(s.last('conversation.item.retrieved').event.item.content[0].transcript).toBe(transcript);
  });

  it('is billed by duration for whisper-1', () => {
    const s = startSession();
    s.tell(
      sessionUpdate({
        audio: { input: { turn_detection: null, transcription: { model: 'whisper-1' } } },
      }),
    );
    s.tell(append(talk(1500)));
    s.tell({ type: 'input_audio_buffer.commit' });
    s.scheduler.advanceMs(1000);
    const prefix = 'conversation.item.input_audio_transcription';
    expect(s.of(`${prefix}.delta`)).toHaveLength(1);
    expect(s.last(`${prefix}.completed`).event.usage).toEqual({ type: 'duration', seconds: 2 });
  });

  it('is all that a transcription session does', () => {
    const s = startSession({ type: 'transcription' });
    expect(s.last('session.created').event.session).toMatchObject({
      type: 'transcription',
      object: 'realtime.transcription_session',
    });
    s.tell({
      type: 'session.update',
      session: {
        type: 'transcription',
        audio: { input: { transcription: { model: 'whisper-1' } } },
      },
    });
    say(s, join(talk(800), hush(400)));
    s.scheduler.advanceMs(1000);
    expect(s.types().at(-1)).toBe('conversation.item.input_audio_transcription.completed');
    expect(s.of('response.created')).toEqual([]);
    s.tell({ type: 'response.create' });
    expect(s.last('error').event.error.code).toBe('invalid_event');
  });
});

describe('idle timeout', () => {
  const plan = () => steadyPlan('audio', [100, 50], {}, 4);

  it('prompts a client that stays silent after the answer has played', () => {
    const s = startSession({ plan });
    s.tell(vad({ idle_timeout_ms: 5000 }));
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(150);
    const doneMs = s.last('response.done').atMs;
    s.clear();
    // 400 ms of audio play, then 5 s of quiet; the microphone is open all the time.
    say(s, hush(5380));
    expect(s.types()).toEqual([]);
    say(s, hush(40));
    const timeout = s.last('input_audio_buffer.timeout_triggered');
    expect(timeout.atMs).toBe(doneMs + 400 + 5000);
    const { audio_start_ms: start, audio_end_ms: end } = timeout.event;
    expect(end - start).toBeGreaterThanOrEqual(4980);
    expect(end - start).toBeLessThanOrEqual(5020);
    expect(s.types().slice(1, 5)).toEqual([
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'response.created',
    ]);
  });

  it('is called off by speech', () => {
    const s = startSession({ plan });
    s.tell(vad({ idle_timeout_ms: 5000, create_response: false }));
    s.tell({ type: 'response.create' });
    s.scheduler.advanceMs(2000);
    say(s, join(noise(300, 0.3, pcm), hush(7000)));
    expect(s.of('input_audio_buffer.timeout_triggered')).toEqual([]);
  });
});
