/** Makes the probes of one diagnosis: each within its time, all within the budget. */
import { messageOf, StreamgaugeError } from '../../errors.ts';
import type { Scheduler } from '../../timer/scheduler.ts';
import { usualEncodings } from '../observe/decompress.ts';
import { headerOf, type Observation } from '../observe/observation.ts';
import type { DiagnoseOptions } from '../options.ts';
import { probeHttp1 } from '../probe/http1-probe.ts';
import { probeHttp2 } from '../probe/http2-probe.ts';
import type { KeptConnection, ProbeLimits, ProbeRequest, Progress } from '../probe/probe.ts';
import { publicUrl, type RequestTemplate } from '../request.ts';
import type { ProbePlan } from './toggles.ts';

const connectMs = 10_000;
const mostRedirects = 5;
/** Not sent on to another host. */
const credentials = /^(authorization|proxy-authorization|cookie|.*(api-?key|token|secret).*)$/;

export interface ProbeTime {
  maxMs: number;
  enough?: ((seen: Progress) => boolean) | undefined;
}

export class Prober {
  readonly observations: Observation[] = [];
  readonly notes: string[] = [];
  requests = 0;
  /** Set when the target has had enough of us. */
  refused = false;
  private readonly template: RequestTemplate;
  private readonly options: DiagnoseOptions;
  private readonly signal: AbortSignal;
  private readonly time: Scheduler;
  private readonly startNs: number;
  private readonly budgetMs: number;
  private url: URL;
  private headers: RequestTemplate['headers'];
  private kept: KeptConnection | undefined;

  constructor(
    template: RequestTemplate,
    options: DiagnoseOptions,
    budgetMs: number,
    time: Scheduler,
  ) {
    this.time = time;
    this.startNs = time.now();
    this.template = template;
    this.options = options;
    this.budgetMs = budgetMs;
    this.url = template.url;
    this.headers = template.headers;
    this.signal = options.signal ?? new AbortController().signal;
  }

  get elapsedMs(): number {
    return (this.time.now() - this.startNs) / 1e6;
  }

  get leftMs(): number {
    return this.budgetMs - this.elapsedMs;
  }

  get aborted(): boolean {
    return this.signal.aborted;
  }

  /** Whether the last complete answer left its connection open. */
  get hasKept(): boolean {
    return this.kept !== undefined;
  }

  /** Where the probes go: the URL as given, or what it redirected to. */
  get target(): URL {
    return this.url;
  }

  /**
   * The first request: follows redirects, and throws where there is no connection at all.
   *
   * @throws StreamgaugeError `target-unreachable`
   */
  async first(plan: ProbePlan, time: ProbeTime): Promise<Observation> {
    for (let hops = 0; ; hops++) {
      const observation = await this.make(plan, time);
      if (observation.end === 'connect_failed' || observation.end === 'tls_failed') {
        throw unreachable(this.url, observation);
      }
      const next = hops < mostRedirects ? this.redirect(observation, plan) : undefined;
      if (!next) {
        this.observations.push(observation);
        return observation;
      }
      this.notes.push(
        `${publicUrl(this.url)} answered ${observation.status} and redirects to ${publicUrl(next)}: that is what was diagnosed`,
      );
      if (next.origin !== this.url.origin) {
        const kept = this.headers.filter(([name]) => !credentials.test(name));
        if (kept.length < this.headers.length) {
          this.notes.push('credentials were not sent on to the other host');
        }
        this.headers = kept;
      }
      this.url = next;
    }
  }

  async run(plan: ProbePlan, time: ProbeTime): Promise<Observation> {
    const observation = await this.make(plan, time);
    this.observations.push(observation);
    if (observation.status === 429 && plan.path === 'url') this.refused = true;
    return observation;
  }

  close(): void {
    this.kept?.socket.destroy();
    this.kept = undefined;
  }

  private async make(plan: ProbePlan, time: ProbeTime): Promise<Observation> {
    this.options.onProgress?.({
      text: `${plan.path === 'direct' ? 'direct' : plan.probe}${plan.toggles.length > 0 && plan.probe.startsWith('silence') ? `, ${plan.toggles[0]}` : ''}`,
      probesDone: this.requests,
      elapsedMs: this.elapsedMs,
      budgetMs: this.budgetMs,
    });
    this.requests += 1;
    const request = this.request(plan);
    const limits: ProbeLimits = {
      maxMs: Math.max(500, Math.min(time.maxMs, this.leftMs)),
      enough: time.enough,
      // A signal for each probe: many run beside each other, and each listens more than once.
      signal: AbortSignal.any([this.signal]),
      time: this.time,
      connectMs: Math.min(connectMs, Math.max(1000, this.leftMs)),
    };
    try {
      if (plan.httpVersion === '2') return (await probeHttp2(request, limits)).observation;
      const reuse = plan.reuse ? this.kept : undefined;
      if (plan.reuse || this.kept) {
        if (!plan.reuse) this.kept?.socket.destroy();
        this.kept = undefined;
      }
      const { observation, kept } = await probeHttp1(request, limits, reuse);
      // Only the plain request of the path that is diagnosed: others would compare two things at once.
      if (plan.probe === 'as asked' && plan.path === 'url') this.kept = kept;
      else kept?.socket.destroy();
      return observation;
    } catch (error) {
      throw new StreamgaugeError(`the probe "${plan.probe}" failed: ${messageOf(error)}`, {
        code: 'probe-failed',
        cause: error,
      });
    }
  }

  private request(plan: ProbePlan): ProbeRequest {
    const { template } = this;
    const headers = [...(plan.path === 'direct' ? template.headers : this.headers)];
    const has = (name: string): boolean => headers.some(([key]) => key === name);
    const without = (name: string): void => {
      const at = headers.findIndex(([key]) => key === name);
      if (at >= 0) headers.splice(at, 1);
    };
    if (plan.identity) without('accept-encoding');
    if (!has('accept-encoding')) {
      headers.push(['accept-encoding', plan.identity ? 'identity' : usualEncodings]);
    }
    // Equal names make the bundled mock give equal streams; others do not know the header.
    headers.push(['x-streamgauge-stream', `diagnose/r${plan.repeat}`]);
    if (plan.timing) headers.push(['x-streamgauge-timing', JSON.stringify(plan.timing)]);
    return {
      probe: plan.probe,
      path: plan.path,
      repeat: plan.repeat,
      toggles: plan.toggles,
      url: plan.path === 'direct' ? template.direct! : this.url,
      method: plan.method ?? template.methods[0]!,
      httpVersion: plan.httpVersion,
      headers,
      body: template.body,
      tls: {
        rejectUnauthorized: !(this.options.tls?.insecure ?? false),
        ca: this.options.tls?.ca,
      },
      divider: template.divider,
      meaning: template.meaning(),
    };
  }

  /** Where to continue, as a client would: any method with 307 and 308, only GET with the others. */
  private redirect(observation: Observation, plan: ProbePlan): URL | undefined {
    const { status } = observation;
    const method = plan.method ?? this.template.methods[0]!;
    const same = status === 307 || status === 308;
    if (!same && !(status !== null && [301, 302, 303].includes(status) && method === 'GET')) {
      return undefined;
    }
    const to = headerOf(observation, 'location');
    if (to === '' || !URL.canParse(to, this.url.href)) return undefined;
    const next = new URL(to, this.url);
    return next.protocol === 'http:' || next.protocol === 'https:' ? next : undefined;
  }
}

function unreachable(url: URL, { end, detail }: Observation): StreamgaugeError {
  const tls = end === 'tls_failed';
  const hints = tls
    ? [
        'your own certificate authority: --ca FILE',
        'to diagnose anyway, without checking it: --insecure',
      ]
    : ['check the address, and that the server runs and can be reached from here'];
  return new StreamgaugeError(
    `${publicUrl(url)} cannot be reached: ${tls ? 'TLS failed, ' : ''}${detail}`,
    { code: tls ? 'tls-failed' : 'target-unreachable', exit: 'unreachable', hints },
  );
}
