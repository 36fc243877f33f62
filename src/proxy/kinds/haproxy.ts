/**
 * HAProxy in HTTP/1.1 mode. It tells the kernel that more will follow (MSG_MORE), so a small segment
 * waits for the 200 ms of a timer, or for an acknowledgement: batches by time, whatever the tokens'
 * size. `option http-no-delay` switches that off.
 */
import { z } from 'zod';
import { parseDuration } from '../../settings/units.ts';
import { duration, someTime } from '../../settings/fields.ts';
import { onOff } from '../shared-settings.ts';
import { proxyKind } from '../buffer-model.ts';

const schema = z
  .strictObject({
    kind: z.literal('haproxy'),
    no_delay: onOff().optional().describe('option http-no-delay. Default off'),
    server_timeout: someTime(['200ms'])
      .optional()
      .describe('timeout server: longest silence of the target. Default: none'),
    rtt: duration(['50ms'])
      .optional()
      .describe('Round trip to the client: acknowledgements release batches too. Default 0s'),
  })
  .describe('HAProxy: batches of about 200 ms, unless no_delay');

export const haproxy = proxyKind(20, schema, (options) => ({
  ...(options.server_timeout ? { readTimeoutMs: parseDuration(options.server_timeout) } : {}),
  // A FIN is only the client's half; what ends the stream is the RST to the next batch.
  clientAbort: 'when_reset',
  response(head, context) {
    if (options.no_delay !== 'on') {
      context.holdSegments({ how: 'cork', rttMs: parseDuration(options.rtt ?? '0') });
    }
    context.sendHead();
    return {
      read({ body }) {
        if (body.length > 0) context.send(body);
      },
      end() {},
      broken: (how) => (how === 'fin' && head.framing === 'close' ? 'end' : 'cut'),
    };
  },
}));
