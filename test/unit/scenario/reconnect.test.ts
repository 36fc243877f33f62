/** What `reconnect` and `verify` may say, and what they need. */
import { describe, expect, it } from 'vitest';
import { load, minimal, mistakes } from '../../helpers/scenario.ts';

const withLines = (...lines: string[]): string => [minimal, ...lines].join('\n');
const arm = (...lines: string[]) => load(withLines(...lines)).arms[0]!;
const sse = 'mock: { resume: { sse: true } }';

describe('reconnect', () => {
  it('is absent unless it is asked for', () => {
    expect(arm()).toMatchObject({ reconnect: undefined, verify: false });
  });

  it('fills in what is not said, and compares with the mock by itself', () => {
    expect(arm('reconnect: {}', sse)).toMatchObject({
      verify: true,
      reconnect: {
        policy: 'exponential',
        baseMs: 200,
        maxMs: 10_000,
        jitter: 0.5,
        attempts: 5,
        stalled: true,
      },
    });
    expect(
      arm('reconnect: { base: 1s, max: 4s, jitter: 0%, attempts: 2, stalled: false }', sse),
    ).toMatchObject({
      reconnect: { baseMs: 1000, maxMs: 4000, jitter: 0, attempts: 2, stalled: false },
    });
    expect(arm('reconnect: {}', sse, 'verify: false').verify).toBe(false);
  });

  it('may give up under any dialect', () => {
    const { reconnect } = arm('reconnect: { policy: give_up }', 'dialect: openai-realtime');
    expect(reconnect!.policy).toBe('give_up');
  });

  it.each([
    ['dialect: stream-chat', 'reconnect: {}'],
    ['dialect: text-streams', 'reconnect: {}'],
    ['dialect: openai-responses', 'background: true', 'reconnect: {}'],
  ])('goes with %s', (...lines) => {
    expect(arm(...lines).reconnect).toBeDefined();
  });

  it.each([
    [['reconnect: { policy: immediate, base: 1s }', sse], 'bad-value', /base has no meaning/],
    [['reconnect: { policy: give_up, attempts: 3 }'], 'bad-value', /attempts has no meaning/],
    [['reconnect: { policy: soon }'], 'bad-value', /./],
    [['reconnect: {}'], 'resume-mismatch', /no event ids/],
    [['reconnect: {}', 'via: sdk', sse], 'resume-mismatch', /official package/],
    [['reconnect: {}', 'dialect: openai-realtime'], 'resume-mismatch', /cannot be continued/],
    [['reconnect: {}', 'dialect: openai-responses'], 'resume-mismatch', /in the background/],
    [
      ['reconnect: {}', 'dialect: openai-responses', 'transport: websocket'],
      'resume-mismatch',
      /cannot be continued/,
    ],
    [['verify: true', 'dialect: openai-realtime'], 'resume-mismatch', /not compared/],
    [
      ['via: sdk', 'dialect: stream-chat'],
      'resume-mismatch',
      /no official package speaks stream-chat/,
    ],
  ] satisfies [string[], string, RegExp][])('refuses %j', (lines, code, message) => {
    const found = mistakes(withLines(...lines));
    expect(found.map((mistake) => mistake.code)).toContain(code);
    expect(found.map((mistake) => mistake.message).join('\n')).toMatch(message);
  });

  it('cannot compare with what an external server sent', () => {
    const text = withLines('verify: true', 'model: m').replace(
      /^target: .*$/m,
      'target: http://127.0.0.1:1/v1',
    );
    expect(mistakes(text).map((mistake) => mistake.message)).toEqual([
      expect.stringContaining('only the mock knows'),
    ]);
  });
});
