/** What every dialect must do, whatever its API; for one outside the repository too. */
import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import type { Conversation, ConversationOptions } from '../dialect/dialect.ts';
import { neutralOptions } from '../dialect/options.ts';
import { landmarkProblems } from '../metric/check-landmarks.ts';
import { emptyFrame, type TransportName } from '../transport/transport.ts';
import {
  dataOf,
  frameOf,
  eventsOf,
  recordingSink,
  type DialectSetUp,
  type SampleEvent,
} from './dialect-sample.ts';
import { askedModel, askedTurn, checkRequestParts } from './request-check.ts';
import type { TestTools } from './test-tools.ts';

/** Documents that are none of the API's, and must not be taken for an end, a token or a crash. */
const rubbish = ['', 'hello', '[1]', '"text"', 'null', '{"choices"'];

/** Documents with well-known words in unknown places. */
const strange: readonly object[] = [
  { type: 'response.something.new', delta: 5, choices: 'no', response: 7 },
  { type: 5, choices: [null, 3, { delta: 'x' }], text: 4, delta: [], usage: 'x' },
  { choices: [{ delta: { tool_calls: [null, { index: 'x' }, { function: 3 }] } }] },
  { type: 'response.completed', response: { output: [null, 1, { type: 'function_call' }] } },
  { type: 'response.done', response: { output: 'x', usage: 'y' } },
  { error: null, message: {}, usage: { output_tokens: 'many' } },
];

/**
 * Declares the tests of a dialect, one group for each transport that it uses.
 *
 * @param setUp - the dialect, and what its server says.
 * @param tools - of the test runner.
 */
export function describeDialect(setUp: DialectSetUp, { describe, it }: TestTools): void {
  const { dialect, sample } = setUp;
  const { name, supports } = dialect;

  function start(transport: TransportName, more: Partial<ConversationOptions> = {}): Conversation {
    return dialect.start({
      transport,
      model: askedModel,
      stream: transport !== 'http',
      dialectOptions: neutralOptions(dialect.options),
      extraBody: { extra_member: 1 },
      keepsHistory: true,
      ...more,
    });
  }

  function asked(transport: TransportName, more?: Partial<ConversationOptions>): Conversation {
    const conversation = start(transport, more);
    conversation.ask(askedTurn);
    return conversation;
  }

  function decode(conversation: Conversation, ...events: readonly SampleEvent[]): string[] {
    const sink = recordingSink();
    for (const event of events) conversation.decode(frameOf(event), sink);
    return sink.calls;
  }

  /** A document under the name of a known event, as a server that went wrong would send it. */
  const instead = ({ event }: SampleEvent, data: object | string): SampleEvent => ({
    ...(event !== undefined && { event }),
    data,
  });

  for (const transport of dialect.transports) {
    describe(`${name} over ${transport}`, () => {
      it('has a name, a summary and a way to present a key', () => {
        assert.match(name, /^[a-z][a-z0-9-]*$/);
        assert.ok(dialect.summary.length > 10);
        assert.deepEqual(
          dialect.authorize('secret'),
          sample.authorization ?? { authorization: 'Bearer secret' },
        );
      });

      it('asks in its wire form, with everything that was asked for', () => {
        const request = start(transport).ask(askedTurn);
        assert.equal(request.streamId, askedTurn.streamId);
        assert.match(request.path, /^\//);
        if (transport === 'websocket') {
          assert.ok(request.messages!.length > 0);
          assert.equal(dialect.webSocketPath?.(askedModel), request.path);
        } else {
          assert.equal(request.method, sample.request?.method ?? 'POST');
        }
        checkRequestParts(request, transport, sample.request?.carries);
        if (supports.tools) {
          for (const part of ['look_up', 'required']) {
            assert.ok(JSON.stringify(request).includes(part), `${part} is not in the request`);
          }
        }
      });

      it('hands extra members on, in the request or in the greeting, where it can', () => {
        const conversation = start(transport);
        const everything = JSON.stringify([conversation.greeting, conversation.ask(askedTurn)]);
        const carries = sample.request?.carries?.includes('extraBody') ?? true;
        assert.equal(everything.includes('extra_member'), carries, everything);
      });

      it('tells progress, tokens, usage and the end apart', () => {
        const conversation = asked(transport);
        assert.deepEqual(decode(conversation, sample.progress), ['progress']);
        assert.deepEqual(decode(conversation, sample.token), ['token content hi']);
        if (sample.reasoning) {
          assert.deepEqual(decode(conversation, sample.reasoning), ['token reasoning hm']);
        }
        const calls = decode(conversation, ...sample.terminal);
        const usage = calls.filter((call) => call.startsWith('usage'));
        if (sample.usage ?? true) assert.ok(usage.includes('usage 2'), calls.join(', '));
        else assert.deepEqual(usage, [], 'the sample says that the API reports no usage');
        const ends = calls.filter((call) => call.startsWith('terminal'));
        assert.deepEqual(ends, ['terminal completed']);
      });

      it('reports an error of the API as such', () => {
        const [call = '', ...others] = decode(asked(transport), sample.error);
        // An API without codes is reported under a word that streamgauge chooses.
        assert.match(call, /^error (c|error) m$/);
        assert.deepEqual(others, []);
      });

      it('declares its landmarks as the rules have it, each with events that reach it', () => {
        assert.deepEqual(landmarkProblems(dialect.landmarks), []);
        const declared = dialect.landmarks.map((landmark) => landmark.name);
        assert.deepEqual(Object.keys(sample.landmarks ?? {}).sort(), declared.sort());
      });

      for (const [landmark, events] of Object.entries(sample.landmarks ?? {})) {
        it(`reaches ${landmark} with the last of its events, and not before`, () => {
          const conversation = asked(transport);
          const told = `landmark ${landmark}`;
          const before = decode(conversation, ...events.slice(0, -1));
          assert.ok(!before.includes(told), before.join(', '));
          const calls = decode(conversation, events.at(-1)!);
          assert.ok(calls.includes(told), calls.join(', '));
          assert.ok(
            calls.some((call) => !call.startsWith('landmark ')),
            'a landmark alone does not make a frame an event',
          );
        });
      }

      it('tells of no landmark that it does not declare', () => {
        const declared = dialect.landmarks.map((landmark) => `landmark ${landmark.name}`);
        const told = decode(asked(transport), ...eventsOf(sample)).filter((call) =>
          call.startsWith('landmark '),
        );
        for (const call of told) assert.ok(declared.includes(call), call);
      });

      for (const text of rubbish) {
        const quoted = JSON.stringify(text);
        if (sample.payload === 'text') {
          it(`makes no token without text of ${quoted} and does not throw`, () => {
            const calls = decode(asked(transport), instead(sample.token, text));
            assert.ok(!calls.some((call) => /^token \w+ $/.test(call)), calls.join(', '));
          });
        } else {
          it(`calls ${quoted} malformed and does not throw`, () => {
            const calls = decode(asked(transport), instead(sample.token, text));
            assert.deepEqual(calls, ['malformed']);
          });
        }
      }

      it('does not throw on messages it has never heard of', () => {
        const conversation = asked(transport);
        const names = [sample.progress, sample.token, ...sample.terminal, sample.error];
        for (const data of strange) {
          decode(conversation, { data }, { event: 'never-heard-of', data });
          for (const event of names) decode(conversation, instead(event, data));
        }
      });

      if (sample.payload !== 'text') {
        it('reads the payload that the transport has parsed already', () => {
          const conversation = asked(transport);
          const sink = recordingSink();
          const json: unknown = JSON.parse(dataOf(sample.token));
          conversation.decode({ ...emptyFrame(), event: sample.token.event ?? '', json }, sink);
          assert.deepEqual(sink.calls, ['token content hi']);
        });
      }

      it('finds nothing wrong with a plain arm', () => {
        const plain = {
          transport,
          via: 'wire',
          target: 'mock',
          options: neutralOptions(dialect.options),
          resumes: false,
          leave: undefined,
          mock: {},
        } as const;
        assert.deepEqual(dialect.check?.(plain) ?? [], []);
      });

      const options = {
        resumable: true,
        dialectOptions: { ...neutralOptions(dialect.options), ...sample.optionsToResume },
      };

      if (supports.resume.includes(transport)) {
        it('says where to continue once the stream has a name, and not before', () => {
          const conversation = asked(transport, options);
          assert.equal(conversation.resume!('b'), undefined);
          decode(conversation, sample.progress, sample.token);
          const request = conversation.resume!('b');
          assert.equal(request?.streamId, 'b');
          assert.deepEqual(conversation.resume!('b'), request, 'asking changes nothing');
        });
      }

      if (supports.cancel === 'message') {
        it('cancels by a message', () => {
          const conversation = asked(transport, options);
          decode(conversation, sample.progress);
          assert.ok('message' in conversation.cancel!()!);
        });
      }

      // A request names the answer by its id, which only some transports' answers can be asked for by.
      if (supports.cancel === 'request' && supports.resume.includes(transport)) {
        it('cancels by a request, once the answer has told its id', () => {
          const conversation = asked(transport, options);
          assert.equal(conversation.cancel!(), undefined);
          decode(conversation, sample.progress);
          assert.ok('request' in conversation.cancel!()!);
        });
      }
    });
  }

  describe(`what ${name} says that it supports`, () => {
    it('is documented and accepted, where it is an option', () => {
      for (const [key, { schema, neutral }] of Object.entries(dialect.options)) {
        assert.match(key, /^[a-z][a-z0-9_]*$/);
        assert.ok((schema.description ?? '').length > 10, `${key} has no description`);
        assert.ok(schema.safeParse(neutral).success, `${key} refuses its default`);
      }
    });

    it('uses the transports that it names', () => {
      for (const transport of supports.resume) assert.ok(dialect.transports.includes(transport));
      assert.equal(dialect.webSocketPath !== undefined, dialect.transports.includes('websocket'));
      // A diagnosis asks over SSE.
      if (supports.diagnose) assert.ok(dialect.transports.includes('sse'));
    });

    if (supports.sdk) {
      it('is spoken by its official package on each of them', async () => {
        const adapter = await supports.sdk!();
        const client = adapter.open({
          baseUrl: new URL('http://127.0.0.1:1/v1'),
          headers: dialect.authorize('secret'),
          fetch: () => Promise.reject(new Error('not asked for')),
          openSocket: () => new Socket(),
        });
        for (const transport of dialect.transports) {
          assert.ok(transport === 'websocket' ? client.connect : client.ask, transport);
        }
        assert.equal(client.failureOf(new Error('some other')), undefined);
      });
    }
  });
}
