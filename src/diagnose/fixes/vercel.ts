/** Vercel functions: they stream, until maxDuration ends them. */
import type { ComponentFixes } from './fix.ts';

export const vercel: ComponentFixes = {
  component: 'vercel',
  obeysHeaders: true,
  remedies: {
    cut_at_total: [
      {
        title: 'give the function more time',
        where: "the route's file (app/**/route.ts), next to its handler",
        paste: 'export const maxDuration = 800;',
        why: 'A function ends after maxDuration seconds, streaming or not: 300 unless set, 800 at most on Pro.',
        side_effect: 'a function that hangs is paid for as long.',
      },
    ],
    stored_and_forwarded: [
      {
        title: 'return a stream',
        where: "the route's file (app/**/route.ts)",
        paste: `export const dynamic = 'force-dynamic';

export async function POST(request: Request): Promise<Response> {
  return new Response(tokenStream(request), {
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform' },
  });
}`,
        why: 'A Response made of a string is sent when it is complete; one made of a ReadableStream is sent as it is written.',
      },
    ],
    compressed_without_flush: [
      {
        title: 'keep the edge from compressing it',
        where: 'the response headers of the streaming route',
        paste: 'Cache-Control: no-cache, no-transform',
        why: 'What is marked no-transform is passed on as it is.',
      },
    ],
  },
};
