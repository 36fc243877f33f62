/**
 * A scenario after reading, checking and expanding: what the engine runs. Every default is filled in,
 * every duration is in milliseconds, every share a fraction, every rate per second. Produced by
 * `scenario/load.ts` from a file and by the library from an object; both pass the same schema.
 */
import type { ToolDefinition } from '../dialect/dialect.ts';
import type { DialectOptions } from '../dialect/options.ts';
import type { LoadShape } from '../load/registry.ts';
import type { Distribution } from '../random/distribution.ts';
import type { KernelNetwork } from '../fault/network/kernel/settings.ts';
import type { FaultSpec } from '../fault/registry.ts';
import type { RealProxySettings } from '../proxy/real/registry.ts';
import type { ProxySettings } from '../proxy/registry.ts';
import type { ReaderPace } from '../transport/paced-reader.ts';
import type { TransportName } from '../transport/transport.ts';
import type { GateExpression } from '../gate/expression.ts';

export interface Plan {
  name: string;
  description: string | undefined;
  /** The scenario file, '' for one built in code. Paths in it are relative to its folder. */
  file: string;
  /** The scenario as written, secrets redacted; kept in the result. */
  source: unknown;
  seed: string;
  arms: readonly ArmPlan[];
  trials: number;
  gates: readonly GateExpression[];
  /** Measures that heat maps show, as gates name them; undefined: the reports' choice. */
  heatmap: readonly string[] | undefined;
  /** Overrides for the embedded mock; passed to it as they are. */
  mock: Readonly<Record<string, unknown>>;
}

export type Target = { kind: 'mock' } | { kind: 'url'; baseUrl: string };

/** The place of an arm in the scenario's matrix. */
export interface CellPlan {
  /** The arm's name without the matrix' values. */
  base: string;
  /** By path, as written: `network.rtt` → `40ms`; in the order of the matrix. */
  values: Readonly<Record<string, string>>;
}

export interface ArmPlan {
  name: string;
  /** Undefined where the scenario has no matrix. */
  cell: CellPlan | undefined;
  target: Target;
  /** Name of a dialect in the registry. */
  dialect: string;
  /** Its options, complete; only the dialect knows their types. */
  dialectOptions: DialectOptions;
  transport: TransportName;
  /** `sdk` drives the session through the API's official package. */
  via: 'wire' | 'sdk';
  http: { version: '1.1' | '2' };
  /** `terminate`: TLS ends at the relay, where there is one. */
  tls: { rejectUnauthorized: boolean; ca: string | undefined; terminate: boolean };
  model: string;
  /** Secret; never written to a result. */
  apiKey: string | undefined;
  headers: Readonly<Record<string, string>>;
  extraBody: Readonly<Record<string, unknown>>;
  instructions: string | undefined;
  /** `none`: each `ask` begins a separate conversation on the same connection. */
  history: 'keep' | 'none';
  load: LoadPlan;
  session: SessionScript;
  network: NetworkPlan | undefined;
  /** After the network, as seen from the client. */
  faults: readonly FaultSpec[];
  proxy: ProxyPlan | undefined;
  objectives: Objectives;
  timeouts: { connectMs: number; idleMs: number; totalMs: number };
  /** What the client does when its stream breaks; undefined: the turn ends there. */
  reconnect: ReconnectPlan | undefined;
  /** Turns that the client leaves on purpose. */
  leave: LeavePlan | undefined;
  /** How slowly the client reads; undefined: as fast as it can. */
  reader: ReaderPlan | undefined;
  /** What output tokens cost. */
  price: PricePlan | undefined;
  /** Compare what each turn received with what the mock says it sent. */
  verify: boolean;
  /** Arm-specific settings of the embedded mock, merged over `Plan.mock`. */
  mock: Readonly<Record<string, unknown>>;
}

export interface LoadPlan {
  shape: LoadShape;
  /** Measured phase, ms. */
  durationMs: number;
  /** Before it; sessions that start in it are kept apart. */
  warmupMs: number;
  /** After it: load continues, sessions that start in it are kept apart. */
  cooldownMs: number;
  /** How long running sessions may finish after the load has ended, ms. */
  gracefulStopMs: number;
  /** Sessions at the same time; further ones wait, and the wait is counted. */
  maxConcurrency: number | undefined;
  /** How many may wait under the cap before further ones are dropped. */
  maxWaiting: number | undefined;
}

/** The path between client and target. */
export interface NetworkPlan {
  /** For headings. */
  description: string;
  /** What it is made of, in the order in which bytes meet it; empty where the kernel makes it. */
  faults: readonly FaultSpec[];
  /** Set with `driver: kernel`. */
  kernel: KernelNetwork | undefined;
}

/** A proxy in front of the target. */
export type ProxyPlan =
  | { kind: 'simulated'; settings: ProxySettings }
  | { kind: 'real'; settings: RealProxySettings };

/** How a client continues a stream that has broken. */
export interface ReconnectPlan {
  policy: 'immediate' | 'exponential' | 'give_up';
  /** First delay, ms; doubles from try to try. */
  baseMs: number;
  /** Longest delay, ms. */
  maxMs: number;
  /** Largest share that is taken off a delay, 0–1, seeded. */
  jitter: number;
  /** Tries in a row without a new event before it gives up. */
  attempts: number;
  /** Whether a stream on which nothing arrives (`timeouts.idle`) is continued as well. */
  stalled: boolean;
}

/** How the client leaves a share of its turns. */
export interface LeavePlan {
  how: 'fin' | 'rst' | 'half_close' | 'black_hole' | 'ws_close' | 'h2_reset' | 'cancel';
  /** Of the WebSocket close frame. */
  code: number;
  moment:
    | { kind: 'tokens' | 'events' | 'bytes'; count: Distribution }
    /** After the request was written, ms. */
    | { kind: 'time'; ms: Distribution }
    /** As soon as the answer has begun: at its headers, over a WebSocket its first event. */
    | { kind: 'begun' }
    /** When all visible output has come and the terminal event has not. */
    | { kind: 'last_token' };
  /** Not later than when these come. */
  before: 'headers' | 'first_token' | undefined;
  /** Of turns, 0–1. */
  share: number;
  /** The client comes back for the rest; else its session is over. */
  resumes: boolean;
  /** An external target’s slots, to find out when one becomes free; undefined: it is not tried. */
  probeSlots: number | undefined;
}

export type ReaderPlan = ReaderPace;

export interface PricePlan {
  outputPerMillion: number;
  /** ISO 4217. */
  currency: string;
}

/** What a session must meet to count as good. Absent ones do not count. */
export interface Objectives {
  ttftMs: number | undefined;
  e2eMs: number | undefined;
  /** Largest gap between tokens. */
  maxGapMs: number | undefined;
  /** Gap that a reader does not notice, ms; base of the metrics of reading. */
  readingPaceMs: number;
}

export interface SessionScript {
  steps: readonly SessionStep[];
  /** Texts for `{{prompt}}`, from a file or inline; session i takes its own, the same in every arm. */
  prompts: readonly string[];
  promptOrder: 'sequential' | 'shuffled';
  variables: Readonly<Record<string, string>>;
}

export type SessionStep =
  | {
      kind: 'ask';
      /** May contain `{{name}}`. */
      prompt: string;
      maxTokens: Distribution | undefined;
      tools: readonly ToolDefinition[];
      toolChoice: 'auto' | 'required' | 'none' | undefined;
    }
  /** Answers the pending tool calls; skipped and counted when there are none. */
  | {
      kind: 'tool_result';
      output: string;
      maxTokens: Distribution | undefined;
      tools: readonly ToolDefinition[];
      toolChoice: 'auto' | 'required' | 'none' | undefined;
    }
  | { kind: 'think'; ms: Distribution }
  /** Spoken input (dialects with audio): synthetic speech of this length, or a raw PCM16 24 kHz file. */
  | {
      kind: 'speak';
      source: { kind: 'synthetic'; ms: number } | { kind: 'file'; path: string };
      chunkMs: number;
    }
  | { kind: 'repeat'; times: number; steps: readonly SessionStep[] };
