/** FastAPI and Starlette: GZipMiddleware, and what is returned. */
import { heartbeatSeconds, type ComponentFixes, type FixText } from './fix.ts';

const excludeGzip: FixText = {
  title: 'exempt streams from GZipMiddleware',
  where: "the application's set-up (Starlette 1.5 or newer)",
  paste:
    'from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware\n\napp.add_middleware(\n    GZipMiddleware,\n    exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/x-ndjson"),\n)',
  why: 'Since 1.5 GZipMiddleware flushes after each chunk, and text/event-stream is among its excluded types since 0.46; add what else you stream.',
};

const markEncoded: FixText = {
  title: 'exempt this answer from GZipMiddleware (any version since 0.22)',
  where: 'the streaming endpoint',
  paste:
    'return StreamingResponse(\n    tokens(),\n    media_type="text/event-stream",\n    headers={\n        "Content-Encoding": "identity",\n        "Cache-Control": "no-cache, no-transform",\n        "X-Accel-Buffering": "no",\n    },\n)',
  why: 'GZipMiddleware leaves alone what already has a Content-Encoding.',
};

const streamIt: FixText = {
  title: 'return the events as they are made',
  where: 'the streaming endpoint',
  paste:
    'async def tokens():\n    async for text in model(prompt):\n        yield f"data: {text}\\n\\n"\n\nreturn StreamingResponse(tokens(), media_type="text/event-stream")',
  why: 'What is returned as a string or a list is sent when it is complete; so is what a blocking call inside an async generator makes, because nothing else runs meanwhile.',
};

const headersFirst: FixText = {
  title: 'send the headers before the model answers',
  where: 'the generator of the streaming endpoint, before it waits for anything',
  paste: 'yield ": ok\\n\\n"',
  why: 'GZipMiddleware, also where it does not compress, keeps the headers until the first piece of the body.',
};

export const starlette: ComponentFixes = {
  component: 'starlette',
  obeysHeaders: true,
  remedies: {
    compressed_without_flush: [markEncoded, excludeGzip],
    stored_and_forwarded: [streamIt, markEncoded],
    buffered_by_size: [streamIt],
    headers_withheld: [headersFirst, excludeGzip],
    one_event_late: [
      {
        title: 'yield each event with its end in one piece',
        where: 'the generator of the streaming endpoint',
        paste: 'yield f"data: {text}\\n\\n"',
        why: 'Each yield is a separate chunk. Where the empty line that ends an event comes in a second one, it may be held until the next event.',
      },
    ],
    cut_when_idle: (verdict) => [
      {
        title: 'send a comment while the model thinks',
        where: 'the streaming endpoint, with sse-starlette (pip install sse-starlette)',
        paste: `from sse_starlette import EventSourceResponse\n\nreturn EventSourceResponse(tokens(), ping=${heartbeatSeconds(verdict)})`,
        why: 'It sends a comment each so many seconds; clients ignore it. Here tokens() yields the data alone.',
      },
    ],
  },
};
