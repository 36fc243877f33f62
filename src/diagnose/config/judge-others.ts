/** What else at a place delays, cuts or wastes a stream. None of these decides whether it buffers. */
import type { ConfigFinding } from '../diagnosis.ts';
import { findingAt } from './finding.ts';
import type { Place } from './place.ts';
import type { Directive } from './syntax.ts';
import { flagOn, inForce, timeOf } from './values.ts';

/** Where a model may think for so long, an event is not a sign of life. */
const shortTimeoutMs = 60_000;
const longTimeoutMs = 300_000;

function timeouts({ levels, module, pass }: Place): ConfigFinding[] {
  const written = inForce(levels, `${module}_read_timeout`);
  const limit = timeOf(written?.args[0]) ?? shortTimeoutMs;
  if (limit >= longTimeoutMs) return [];
  const says = written ? `is ${written.args[0]}` : 'is 60s by default';
  return [
    findingAt(
      written ?? pass,
      limit < shortTimeoutMs ? 'risk' : 'note',
      `${module}_read_timeout ${says}: a stream that is silent for longer is cut, though its status was 200; events that a buffer holds are lost with it`,
      `${module}_read_timeout 1h;`,
    ),
  ];
}

function caching({ levels, module }: Place, unbuffered: boolean): ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  const cache = inForce(levels, `${module}_cache`);
  const store = inForce(levels, `${module}_store`);
  const isOn = (directive: Directive | undefined): directive is Directive =>
    directive !== undefined && directive.args[0] !== 'off';
  for (const directive of [cache, store].filter(isOn)) {
    findings.push(
      unbuffered
        ? findingAt(directive, 'note', 'without buffering nothing is cached or stored')
        : findingAt(
            directive,
            'risk',
            'where an answer may be cached or stored, nginx reads it to its end also when the client has left: tokens are made that no client reads',
            `${directive.name} off;`,
          ),
    );
  }
  const lock = inForce(levels, `${module}_cache_lock`);
  if (isOn(cache) && lock && flagOn(lock, false) && !unbuffered) {
    findings.push(
      findingAt(
        lock,
        'risk',
        'a second request for the same answer waits until the first one is complete (proxy_cache_lock_timeout, 5s by default)',
        `${lock.name} off;`,
      ),
    );
  }
  const ignore = inForce(levels, `${module}_ignore_client_abort`);
  if (ignore && flagOn(ignore, false)) {
    findings.push(
      findingAt(
        ignore,
        'risk',
        'when the client leaves, the target is not told: it continues to make tokens that no client reads',
        `${ignore.name} off;`,
      ),
    );
  }
  return findings;
}

function delivery({ levels }: Place, unbuffered: boolean): ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  const nodelay = inForce(levels, 'tcp_nodelay');
  if (nodelay && !flagOn(nodelay, true)) {
    findings.push(
      findingAt(
        nodelay,
        'risk',
        'over a path with a round trip, small packets wait for an acknowledgement (Nagle): one burst per round trip',
        'tcp_nodelay on;',
      ),
    );
  }
  const rate = inForce(levels, 'limit_rate');
  if (rate && rate.args[0] !== '0') {
    findings.push(
      findingAt(
        rate,
        'risk',
        'the rate is held by pauses of a second and more between sends, so that events come in bursts',
        'limit_rate 0;',
      ),
    );
  }
  const postpone = inForce(levels, 'postpone_output');
  if (postpone && !unbuffered) {
    findings.push(
      findingAt(
        postpone,
        'note',
        'it has no effect on a stream from a target: its buffers are flushed past it',
      ),
    );
  }
  return findings;
}

/** Modules that see the body; whether they hold it, only their own code or rules say. */
const bodyFilters: Readonly<Record<string, string>> = {
  body_filter_by_lua: 'Lua sees each piece of the body: it must pass it on immediately',
  body_filter_by_lua_block: 'Lua sees each piece of the body: it must pass it on immediately',
  body_filter_by_lua_file: 'Lua sees each piece of the body: it must pass it on immediately',
  js_body_filter: 'JavaScript sees each piece of the body: it must pass it on immediately',
  image_filter: 'the whole body is read first',
  xslt_stylesheet: 'the whole body is read first',
};

function filters({ levels }: Place): ConfigFinding[] {
  const findings: ConfigFinding[] = [];
  for (const [name, message] of Object.entries(bodyFilters)) {
    const directive = inForce(levels, name);
    if (directive) findings.push(findingAt(directive, 'risk', message));
  }
  for (const name of ['modsecurity', 'pagespeed']) {
    const directive = inForce(levels, name);
    if (directive && flagOn(directive, false)) {
      findings.push(
        findingAt(
          directive,
          'risk',
          name === 'modsecurity'
            ? 'with SecResponseBodyAccess On the whole body is read before it is sent'
            : 'it rewrites answers, and holds what it rewrites',
          `${name} off;`,
        ),
      );
    }
  }
  const substitute = inForce(levels, 'sub_filter');
  const types = inForce(levels, 'sub_filter_types');
  if (substitute && types?.args.some((type) => type === '*' || type === 'text/event-stream')) {
    findings.push(
      findingAt(substitute, 'note', 'it holds only what may be the beginning of what it looks for'),
    );
  }
  return findings;
}

export function otherRules(place: Place, unbuffered: boolean): ConfigFinding[] {
  return [
    ...delivery(place, unbuffered),
    ...filters(place),
    ...caching(place, unbuffered),
    ...timeouts(place),
  ];
}
