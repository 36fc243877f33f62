/** Next.js as a separate server: its compression, and its rewrites. */
import type { ComponentFixes, FixText } from './fix.ts';

const noCompress: FixText = {
  title: 'leave compression to the proxy in front',
  where: 'next.config.js',
  paste: 'module.exports = {\n  compress: false,\n};',
  why: 'next start compresses with gzip and, in most versions, does not flush for each event.',
  side_effect: 'pages and scripts are no longer compressed by Next.js itself.',
};

const noTransform: FixText = {
  title: 'exempt this route from compression',
  where: 'the Response of the streaming route',
  paste:
    "headers: {\n  'Content-Type': 'text/event-stream',\n  'Cache-Control': 'no-cache, no-transform',\n  'X-Accel-Buffering': 'no',\n},",
  why: 'The compression that Next.js uses leaves alone what is marked no-transform.',
};

const direct: FixText = {
  title: 'do not send the stream through rewrites()',
  where: "your own route (app/**/route.ts) in place of the rewrite's source",
  paste: `export async function POST(request: Request): Promise<Response> {
  const answer = await fetch('http://127.0.0.1:8000/v1/chat/completions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: await request.text(),
    signal: request.signal,
  });
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform' },
  });
}`,
  why: 'The proxy behind rewrites() compresses and buffers what passes through it; a route hands the body on as it comes.',
};

export const nextjs: ComponentFixes = {
  component: 'nextjs',
  obeysHeaders: true,
  remedies: {
    compressed_without_flush: [noTransform, noCompress],
    buffered_by_size: [direct, noCompress],
    stored_and_forwarded: [direct, noTransform],
    headers_withheld: [noTransform],
  },
};
