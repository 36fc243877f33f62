/** Express, and its `compression` middleware. */
import { heartbeatSeconds, type ComponentFixes, type FixText } from './fix.ts';

const skipStreams: FixText = {
  title: 'exempt event streams from compression',
  where: 'where compression() is used',
  paste: `app.use(
  compression({
    filter: (req, res) =>
      !String(res.getHeader('Content-Type')).startsWith('text/event-stream') &&
      compression.filter(req, res),
  }),
);`,
  why: 'compression holds what is written until zlib has a block, mostly until the end.',
};

const flushEach: FixText = {
  title: 'keep compression and flush after each event',
  where: 'the streaming handler',
  paste: 'res.write(`data: ${json}\\n\\n`);\nres.flush();',
  why: 'compression adds res.flush(), which makes zlib hand out what it has.',
  side_effect: 'the function is there only where compression() is used.',
};

const headersFirst: FixText = {
  title: 'send the headers before the model answers',
  where: 'the streaming handler, before it waits for anything',
  paste: `res.writeHead(200, {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
});
res.flushHeaders();
res.write(': ok\\n\\n');`,
  why: 'Node sends headers with the first write of the body unless they are flushed; the comment makes proxies that wait for a first byte forward the headers too.',
};

const oneWrite: FixText = {
  title: 'write each event with its end in one piece',
  where: 'the streaming handler',
  paste: 'res.write(`data: ${json}\\n\\n`);',
  why: 'Each write is a separate chunk. Where the empty line that ends an event comes in a second one, it may be held until the next event.',
};

export const express: ComponentFixes = {
  component: 'express',
  obeysHeaders: true,
  remedies: {
    compressed_without_flush: [skipStreams, flushEach],
    stored_and_forwarded: [skipStreams, headersFirst],
    buffered_by_size: [skipStreams, flushEach],
    headers_withheld: [headersFirst],
    one_event_late: [oneWrite],
    paced_by_round_trip: [
      {
        title: 'send small packets immediately',
        where: 'where the server is made',
        paste: 'const server = http.createServer({ noDelay: true }, app);\nserver.listen(port);',
        why: 'Node sets TCP_NODELAY by default since 18; an older one, or an option, has it off.',
      },
    ],
    cut_when_idle: (verdict) => [
      {
        title: 'send a comment while the model thinks',
        where: 'the streaming handler',
        paste: `const heartbeat = setInterval(() => res.write(': ping\\n\\n'), ${heartbeatSeconds(verdict)}_000);\nres.on('close', () => clearInterval(heartbeat));`,
        why: 'Whatever ends idle connections on the way sees bytes; clients ignore comments.',
      },
    ],
  },
};
