/** Proxies and servers written in Go with net/http. */
import { heartbeatSeconds, type ComponentFixes, type FixText } from './fix.ts';

const flushInterval: FixText = {
  title: 'flush after each write',
  where: 'where the ReverseProxy is made',
  paste: 'proxy := httputil.NewSingleHostReverseProxy(target)\nproxy.FlushInterval = -1',
  why: 'ReverseProxy flushes immediately what it takes for a stream (Content-Type text/event-stream, or an answer without Content-Length); anything else each FlushInterval, or when 4 KiB are there.',
};

const flushEach: FixText = {
  title: 'flush after each event',
  where: 'the streaming handler',
  paste:
    'rc := http.NewResponseController(w)\nfmt.Fprintf(w, "data: %s\\n\\n", json)\nif err := rc.Flush(); err != nil {\n\treturn\n}',
  why: 'net/http collects 2 KiB and then 4 KiB of an answer unless it is flushed; a wrapper around the ResponseWriter must pass Flush on (Unwrap).',
};

export const goProxy: ComponentFixes = {
  component: 'go-proxy',
  obeysHeaders: true,
  remedies: {
    buffered_by_time: [flushInterval],
    buffered_by_size: [flushEach, flushInterval],
    stored_and_forwarded: [flushInterval, flushEach],
    headers_withheld: [
      {
        title: 'send the headers before the model answers',
        where: 'the streaming handler, before it waits for anything',
        paste:
          'w.Header().Set("Content-Type", "text/event-stream")\nw.WriteHeader(http.StatusOK)\nhttp.NewResponseController(w).Flush()',
        why: 'net/http sends headers with the first flushed bytes of the body.',
      },
    ],
    compressed_without_flush: [
      {
        ...flushEach,
        why: 'A gzip writer around the ResponseWriter must flush its compressor first, and then the connection; use one whose Flush does both.',
      },
    ],
    cut_at_total: [
      {
        title: 'lift the write deadline for this answer',
        where: 'the streaming handler, at its start',
        paste: 'http.NewResponseController(w).SetWriteDeadline(time.Time{})',
        why: "http.Server's WriteTimeout counts from the request to the end of the answer.",
        side_effect: 'a client that stopped reading is no longer cut off by it.',
      },
    ],
    cut_when_idle: (verdict) => [
      {
        title: 'send a comment while the model thinks',
        where: 'the streaming handler',
        paste: `case <-time.After(${heartbeatSeconds(verdict)} * time.Second):\n\tfmt.Fprint(w, ": ping\\n\\n")\n\trc.Flush()`,
        why: 'One more case of the select that waits for the model; clients ignore comments.',
      },
    ],
  },
};
