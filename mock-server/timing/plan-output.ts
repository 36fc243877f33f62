/** Decides an answer: how much, what text, when. Pure; equal settings and seed keys give equal plans. */
import { sample, type Distribution } from '../../src/random/distribution.ts';
import { hashString, seededRng, type Rng } from '../../src/random/rng.ts';
import type { MockSettings, TraceRow } from '../settings/resolve-options.ts';
import type { OutputPlan, OutputRequest, Piece, PieceKind } from './output-plan.ts';
import { toolArguments } from './tool-arguments.ts';
import { spreadSources } from './sources.ts';
import { tokenText, unicodeText } from './made-up-words.ts';

type PlanSettings = Pick<
  MockSettings,
  | 'seed'
  | 'ttftMs'
  | 'itlMs'
  | 'tokens'
  | 'tokensPerEvent'
  | 'tokenBytes'
  | 'text'
  | 'reasoningTokens'
  | 'toolCallTokens'
  | 'toolCalls'
  | 'autoToolShare'
  | 'sources'
  | 'stalls'
  | 'trace'
  | 'audio'
>;

/** No single answer is longer: a mistyped distribution must not exhaust memory. */
const mostTokens = 1_000_000;

function count(distribution: Distribution, rng: Rng): number {
  return Math.min(mostTokens, Math.max(0, Math.round(sample(distribution, rng))));
}

/** A piece before its time is known. */
type Untimed = Omit<Piece, 'atMs'>;

/**
 * The seed key of a request: the part of the stream id after the last `/`, so that all arms of a
 * comparison get the same answers; without an id, a hash of what was asked.
 *
 * @param lastText - the last user or tool text of the input.
 * @param inputItems - how many messages or items the input has.
 */
export function seedKeyOf(
  streamId: string | undefined,
  lastText: string,
  inputItems: number,
): string {
  if (streamId) return streamId.slice(streamId.lastIndexOf('/') + 1);
  return `${hashString(lastText).toString(16)}.${inputItems}`;
}

/** Rough token count of text: four bytes each, as a byte-pair vocabulary has on English. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 4);
}

/** Gap after gap: drawn, or as recorded; lengthened where a stall falls into it. */
function gapSource(settings: PlanSettings, row: TraceRow | undefined, rng: Rng): () => number {
  if (row) {
    let at = 0;
    return () => row.gapsMs[at++] ?? 0;
  }
  const { stalls, itlMs } = settings;
  if (!stalls) return () => sample(itlMs, rng);
  let streamedMs = 0;
  let nextStallMs = sample(stalls.everyMs, rng);
  return () => {
    let gap = sample(itlMs, rng);
    streamedMs += gap;
    if (streamedMs >= nextStallMs) {
      gap += sample(stalls.lengthMs, rng);
      nextStallMs = streamedMs + sample(stalls.everyMs, rng);
    }
    return gap;
  };
}

/** Appends `tokens` tokens of words, several to a piece where events coalesce. */
function addWords(
  pieces: Untimed[],
  settings: PlanSettings,
  what: { kind: PieceKind; item: number; tokens: number },
  rng: Rng,
): void {
  const word = settings.text === 'unicode' ? unicodeText : tokenText;
  let left = what.tokens;
  let first = true;
  while (left > 0) {
    const tokens = Math.min(left, Math.max(1, Math.round(sample(settings.tokensPerEvent, rng))));
    let text = '';
    for (let i = 0; i < tokens; i++) {
      text += word(Math.max(1, Math.round(sample(settings.tokenBytes, rng))), rng);
    }
    if (first && text.length > 1) text = text.trimStart();
    first = false;
    pieces.push({ kind: what.kind, text, tokens, item: what.item });
    left -= tokens;
  }
}

/** Splits an argument text into tokens and those into pieces; `tokens` of it are sent. */
function addArguments(
  pieces: Untimed[],
  settings: PlanSettings,
  what: { text: string; item: number; tokens: number; sent: number },
  rng: Rng,
): void {
  const width = Math.max(1, Math.ceil(what.text.length / what.tokens));
  let token = 0;
  while (token < what.sent && token * width < what.text.length) {
    const wanted = Math.max(1, Math.round(sample(settings.tokensPerEvent, rng)));
    const end = Math.min(what.sent, token + wanted, Math.ceil(what.text.length / width));
    pieces.push({
      kind: 'tool_arguments',
      text: what.text.slice(token * width, end * width),
      tokens: end - token,
      item: what.item,
    });
    token = end;
  }
}

function wantsTools(settings: PlanSettings, request: OutputRequest, rng: Rng): boolean {
  const draw = rng();
  if (request.tools.length === 0 || request.toolChoice === 'none') return false;
  return request.toolChoice === 'required' || draw < settings.autoToolShare;
}

/** Gives each piece its time. Audio leaves in chunks of playing time, other tokens by `itl`. */
function timed(
  pieces: readonly Untimed[],
  settings: PlanSettings,
  row: TraceRow | undefined,
  rng: Rng,
): Piece[] {
  let atMs = row ? row.ttftMs : sample(settings.ttftMs, rng);
  const gap = gapSource(settings, row, rng);
  const { speed, jitter, msPerToken } = settings.audio;
  return pieces.map((piece, index) => {
    if (index > 0) {
      const before = pieces[index - 1]!;
      atMs +=
        piece.kind === 'audio' && before.kind === 'audio'
          ? // A chunk takes as long to produce as it plays, divided by the speed.
            sample({ kind: 'gamma', mean: (before.tokens * msPerToken) / speed, cv: jitter }, rng)
          : gap();
    }
    return { ...piece, atMs };
  });
}

/** Pieces of a spoken answer: each carries the words spoken in one chunk of playing time. */
function addSpeech(
  pieces: Untimed[],
  settings: PlanSettings,
  tokens: number,
  item: number,
  rng: Rng,
): void {
  const perChunk = Math.max(1, Math.round(settings.audio.chunkMs / settings.audio.msPerToken));
  const chunked = { ...settings, tokensPerEvent: { kind: 'constant', value: perChunk } as const };
  addWords(pieces, chunked, { kind: 'audio', item, tokens }, rng);
}

/**
 * Plans one answer.
 *
 * Lengths, text and times are drawn from separate generators, all seeded by
 * `settings.seed/request.seedKey`, so that a cut (`maxTokens`) or a tool call does not shift the
 * timing of what is left.
 */
export function planOutput(settings: PlanSettings, request: OutputRequest): OutputPlan {
  const seed = `${settings.seed}/${request.seedKey}`;
  const lengths = seededRng(`${seed}/lengths`);
  const text = seededRng(`${seed}/text`);
  const timing = seededRng(`${seed}/timing`);
  const choice = seededRng(`${seed}/choice`);

  const row = settings.trace?.[Math.floor(seededRng(`${seed}/trace`)() * settings.trace.length)];
  const drawn = {
    reasoning: count(settings.reasoningTokens, lengths),
    visible: count(settings.tokens, lengths),
    calls: Math.max(1, count(settings.toolCalls, lengths)),
  };
  const callsTools = wantsTools(settings, request, choice);
  let budget = request.maxTokens ?? Infinity;
  let cut = false;
  const spend = (wanted: number): number => {
    const granted = Math.min(wanted, budget);
    if (granted < wanted) cut = true;
    budget -= granted;
    return granted;
  };

  const pieces: Untimed[] = [];
  const toolCalls: { item: number; name: string; callId: string }[] = [];
  let item = 0;
  const reasoningTokens = request.reasoning ? spend(drawn.reasoning) : 0;
  if (reasoningTokens > 0) {
    addWords(pieces, settings, { kind: 'reasoning', item, tokens: reasoningTokens }, text);
    item += 1;
  }
  if (callsTools) {
    const calls = request.parallelToolCalls === false ? 1 : drawn.calls;
    for (let call = 0; call < calls; call++) {
      const tokens = Math.max(1, count(settings.toolCallTokens, lengths));
      const name =
        request.forcedTool ?? request.tools[Math.floor(choice() * request.tools.length)]!;
      const bytes = tokens * Math.max(1, Math.round(sample(settings.tokenBytes, text)));
      const argumentText = toolArguments(request.toolParameters?.[name], bytes, text);
      const sent = spend(tokens);
      if (sent === 0) break; // the budget is spent
      toolCalls.push({ item, name, callId: `call_${hex(choice)}${hex(choice)}${hex(choice)}` });
      addArguments(pieces, settings, { text: argumentText, item, tokens, sent }, text);
      item += 1;
    }
  } else if (request.modality === 'audio') {
    addSpeech(pieces, settings, spend(drawn.visible), item, text);
  } else if (row) {
    // A recorded answer has as many events as it had; the tokens in them are counted by the mock.
    addRecorded(pieces, settings, row, item, spend, text);
  } else {
    addWords(pieces, settings, { kind: 'content', item, tokens: spend(drawn.visible) }, text);
  }

  const sources = count(settings.sources, seededRng(`${seed}/sources`));
  const all = timed(spreadSources(pieces, sources), settings, row, timing);
  const sum = (kind: (piece: Piece) => boolean): number =>
    all.reduce((total, piece) => (kind(piece) ? total + piece.tokens : total), 0);
  return {
    pieces: all,
    endMs: all.at(-1)?.atMs ?? (row ? row.ttftMs : sample(settings.ttftMs, timing)),
    inputTokens: request.inputTokens,
    reasoningTokens: sum((piece) => piece.kind === 'reasoning'),
    outputTokens: sum(() => true),
    toolCalls,
    finish: cut ? 'length' : toolCalls.length > 0 ? 'tool_calls' : 'stop',
  };
}

function hex(rng: Rng): string {
  return Math.floor(rng() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
}

function addRecorded(
  pieces: Untimed[],
  settings: PlanSettings,
  row: TraceRow,
  item: number,
  spend: (tokens: number) => number,
  rng: Rng,
): void {
  for (let left = row.gapsMs.length + 1 - pieces.length; left > 0; left--) {
    const wanted = Math.max(1, Math.round(sample(settings.tokensPerEvent, rng)));
    const tokens = spend(wanted);
    if (tokens === 0) return;
    const oneEvent = { ...settings, tokensPerEvent: { kind: 'constant', value: tokens } as const };
    addWords(pieces, oneEvent, { kind: 'content', item, tokens }, rng);
  }
}
