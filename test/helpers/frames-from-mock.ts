/** The events that a server really sends in one turn of a dialect, over one of streamgauge's transports. */
import type { SampleEvent } from '../../src/contract/index.ts';
import type { Dialect, MeaningSink, TurnInput } from '../../src/dialect/dialect.ts';
import type { DialectOptions } from '../../src/dialect/options.ts';
import { RealScheduler } from '../../src/timer/real-scheduler.ts';
import { openChannel } from '../../src/transport/registry.ts';
import type { Frame, TransportName } from '../../src/transport/transport.ts';

export interface Question {
  dialect: Dialect;
  transport: TransportName;
  options: DialectOptions;
  /** Offers a tool and requires its use. */
  callsTool: boolean;
}

/** Asks once, and collects every event up to the terminal one or the end of the exchange. */
export function framesFromMock(
  baseUrl: string,
  { dialect, transport, options, callsTool }: Question,
): Promise<SampleEvent[]> {
  const conversation = dialect.start({
    transport,
    model: 'm',
    stream: transport !== 'http',
    dialectOptions: options,
    keepsHistory: false,
    extraBody: {},
  });
  const input: TurnInput = {
    streamId: 'frames',
    content: { kind: 'prompt', text: 'hello' },
    maxTokens: undefined,
    instructions: undefined,
    tools: callsTool
      ? [{ name: 'look', parameters: { type: 'object', properties: { q: { type: 'string' } } } }]
      : [],
    toolChoice: callsTool ? 'required' : undefined,
  };
  const channel = openChannel(
    transport,
    {
      baseUrl: new URL(baseUrl),
      headers: dialect.authorize('k'),
      tls: { rejectUnauthorized: true },
      httpVersion: '1.1',
      timeouts: { connectMs: 5000 },
      groundTruth: false,
    },
    { time: new RealScheduler({ pollShare: 0 }) },
  );
  const { greeting } = conversation;
  const path = dialect.webSocketPath?.('m') ?? '/';
  const events: SampleEvent[] = [];
  return new Promise((resolve) => {
    const keep = ({ event, data }: Frame): void =>
      void events.push({ ...(event !== '' && { event }), data });
    const end = (): void => {
      channel.close('close');
      resolve(events);
    };
    const quiet = { onConnected() {}, onWritten() {}, onHead() {} };
    const ask = (): void => {
      let isOver = false;
      const sink: MeaningSink = {
        position() {},
        progress() {},
        token() {},
        usage() {},
        error: () => (isOver = true),
        terminal: () => (isOver = true),
        malformed() {},
        landmark() {},
      };
      const exchange = channel.start(conversation.ask(input), {
        ...quiet,
        onFrame(frame) {
          keep(frame);
          conversation.decode(frame, sink);
          if (isOver && transport === 'websocket') exchange.release();
        },
        onEnd: end,
      });
    };
    if (!greeting) {
      ask();
      return;
    }
    let sent = false;
    const hello = channel.start(
      { streamId: 'frames', method: 'GET', path, messages: [] },
      {
        ...quiet,
        onFrame(frame) {
          keep(frame);
          if (greeting.isReady(frame)) hello.release();
          else if (!sent) for (const message of greeting.messages) hello.send(message);
          sent = true;
        },
        onEnd: ask,
      },
    );
  });
}
