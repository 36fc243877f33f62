/** Conversation items: what a client may create, and the list they live in. */
import { z } from 'zod';
import type { AudioKeeper } from './audio/audio-keeper.ts';
import { EventProblem } from './problem.ts';
import { check } from './schema-problem.ts';

export interface ContentPart {
  type: 'input_text' | 'input_audio' | 'input_image' | 'output_text' | 'output_audio';
  text?: string | undefined;
  /** Base64. */
  audio?: string | null | undefined;
  transcript?: string | null | undefined;
  image_url?: string | undefined;
  detail?: string | undefined;
}

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

interface ItemBase {
  id: string;
  object: 'realtime.item';
  status: ItemStatus;
}
export interface MessageItem extends ItemBase {
  type: 'message';
  role: 'user' | 'assistant' | 'system';
  content: ContentPart[];
}
export interface FunctionCallItem extends ItemBase {
  type: 'function_call';
  call_id: string;
  name: string;
  arguments: string;
}
export interface FunctionOutputItem extends ItemBase {
  type: 'function_call_output';
  call_id: string;
  output: string;
}
export type Item = MessageItem | FunctionCallItem | FunctionOutputItem;

/** What the server knows of an item in addition to its wire form. */
export interface StoredItem {
  item: Item;
  /** Playing time of its audio, ms; 0 where it has none. */
  audioMs: number;
}

const common = {
  id: z
    .string()
    .max(32)
    .regex(/^[a-zA-Z0-9_-]+$/, {
      message:
        "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'",
    })
    .optional(),
  object: z.literal('realtime.item').optional(),
  status: z.enum(['in_progress', 'completed', 'incomplete']).optional(),
};

const inputText = z.strictObject({ type: z.literal('input_text'), text: z.string() });
const inputAudio = z.strictObject({
  type: z.literal('input_audio'),
  audio: z.string().nullable().optional(),
  transcript: z.string().nullable().optional(),
});
const inputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: z.string().min(1),
  detail: z.enum(['auto', 'low', 'high']).optional(),
});
const outputText = z.strictObject({ type: z.literal('output_text'), text: z.string() });
const outputAudio = z.strictObject({
  type: z.literal('output_audio'),
  transcript: z.string().nullable().optional(),
  audio: z.string().nullable().optional(),
});

const message = { ...common, type: z.literal('message') };
const messageSchema = z.discriminatedUnion('role', [
  z.strictObject({
    ...message,
    role: z.literal('user'),
    content: z.array(z.discriminatedUnion('type', [inputText, inputAudio, inputImage])).min(1),
  }),
  z.strictObject({
    ...message,
    role: z.literal('assistant'),
    content: z.array(z.discriminatedUnion('type', [outputText, outputAudio])).min(1),
  }),
  z.strictObject({
    ...message,
    role: z.literal('system'),
    content: z.array(inputText).min(1),
  }),
]);

const functionCallSchema = z.strictObject({
  ...common,
  type: z.literal('function_call'),
  call_id: z.string().min(1).optional(),
  name: z.string().min(1),
  arguments: z.string(),
});
const functionOutputSchema = z.strictObject({
  ...common,
  type: z.literal('function_call_output'),
  call_id: z.string().min(1),
  output: z.string(),
});
const itemSchema = z.discriminatedUnion('type', [
  messageSchema,
  functionCallSchema,
  functionOutputSchema,
]);

/**
 * Reads an item that a client wrote.
 *
 * @param root - its place in the event: `item`, or `response.input[2]`.
 * @param newId - makes ids where the client gave none.
 */
export function readItem(input: unknown, root: string, newId: (prefix: string) => string): Item {
  const read = check(itemSchema, input, root);
  const base = {
    id: read.id ?? newId('item'),
    object: 'realtime.item',
    status: 'completed',
  } as const;
  switch (read.type) {
    case 'message':
      return {
        ...base,
        type: 'message',
        role: read.role,
        content: read.content.map(withTranscript),
      };
    case 'function_call':
      return {
        ...base,
        type: 'function_call',
        call_id: read.call_id ?? newId('call'),
        name: read.name,
        arguments: read.arguments,
      };
    case 'function_call_output':
      return { ...base, type: 'function_call_output', call_id: read.call_id, output: read.output };
  }
}

/** The API always shows a transcript next to spoken input, null while there is none. */
function withTranscript(part: ContentPart): ContentPart {
  return part.type === 'input_audio' ? { ...part, transcript: part.transcript ?? null } : part;
}

/** All that an item says, as text; what the token estimate and the seed of an answer are made of. */
export function textOf(item: Item): string {
  switch (item.type) {
    case 'message':
      return item.content.map((part) => part.text ?? part.transcript ?? '').join(' ');
    case 'function_call':
      return item.arguments;
    case 'function_call_output':
      return item.output;
  }
}

/** The ordered items of a conversation. */
export class Conversation {
  readonly #keeper: AudioKeeper;
  #order: StoredItem[] = [];
  readonly #byId = new Map<string, StoredItem>();

  constructor(keeper: AudioKeeper) {
    this.#keeper = keeper;
  }

  get items(): readonly StoredItem[] {
    return this.#order;
  }

  get lastId(): string | null {
    return this.#order.at(-1)?.item.id ?? null;
  }

  find(id: string): StoredItem | undefined {
    return this.#byId.get(id);
  }

  hasCall(callId: string): boolean {
    return this.#order.some(({ item }) => item.type === 'function_call' && item.call_id === callId);
  }

  /**
   * Adds an item after another one: at the end without a name, at the beginning for `root`.
   *
   * @returns id of the item before it, null at the beginning.
   * @throws EventProblem when the id is taken or the predecessor unknown.
   */
  insert(item: Item, audioMs: number, after: string | null | undefined): string | null {
    if (this.#byId.has(item.id)) {
      throw new EventProblem(`Error adding item: an item with ID '${item.id}' already exists.`, {
        code: 'item_create_duplicate_item_id',
        param: 'item.id',
      });
    }
    let index = this.#order.length;
    if (after === 'root') index = 0;
    else if (after !== null && after !== undefined) {
      const found = this.#order.findIndex((stored) => stored.item.id === after);
      if (found < 0) {
        throw new EventProblem(
          `Error adding item: the previous item with ID '${after}' does not exist.`,
          { code: 'item_create_invalid_previous_item_id', param: 'previous_item_id' },
        );
      }
      index = found + 1;
    }
    const stored: StoredItem = { item, audioMs };
    this.#order.splice(index, 0, stored);
    this.#byId.set(item.id, stored);
    for (const part of partsOf(item)) this.#keeper.keep(part);
    return this.#order[index - 1]?.item.id ?? null;
  }

  /** @returns whether it was there. */
  delete(id: string): boolean {
    const stored = this.#byId.get(id);
    if (!stored) return false;
    this.#byId.delete(id);
    this.#order = this.#order.filter((one) => one !== stored);
    for (const part of partsOf(stored.item)) this.#keeper.release(part);
    return true;
  }

  /** The session is over: its audio will not be asked for any more. */
  close(): void {
    for (const { item } of this.#order) {
      for (const part of partsOf(item)) this.#keeper.release(part);
    }
  }

  /**
   * Cuts an answer to what was heard: its audio ends at `audioEndMs` and its transcript, which may
   * say more than that, is dropped.
   *
   * @throws EventProblem when it is not a spoken answer, or shorter.
   */
  truncate(id: string, contentIndex: number, audioEndMs: number): void {
    const stored = this.#byId.get(id);
    if (!stored) {
      throw new EventProblem(`Error truncating item: the item with ID '${id}' does not exist.`, {
        code: 'item_truncate_invalid_item_id',
        param: 'item_id',
      });
    }
    const { item } = stored;
    if (item.type !== 'message' || item.role !== 'assistant') {
      throw new EventProblem('Only model output audio messages can be truncated.', {
        code: 'invalid_value',
        param: 'item_id',
      });
    }
    const part = item.content[contentIndex];
    if (part?.type !== 'output_audio') {
      throw new EventProblem(`Content ${contentIndex} of item '${id}' is not audio.`, {
        code: 'invalid_value',
        param: 'content_index',
      });
    }
    if (audioEndMs > stored.audioMs) {
      const has = Math.floor(stored.audioMs);
      throw new EventProblem(`Audio content of ${has}ms is already shorter than ${audioEndMs}ms`, {
        code: 'invalid_value',
        param: 'audio_end_ms',
      });
    }
    stored.audioMs = audioEndMs;
    part.transcript = '';
  }
}

function partsOf(item: Item): readonly ContentPart[] {
  return item.type === 'message' ? item.content : [];
}

/** An item as events show it: audio bytes are left out, only `conversation.item.retrieved` has them. */
export function withoutAudio(item: Item): Item {
  if (item.type !== 'message' || !item.content.some((part) => part.audio)) return item;
  return {
    ...item,
    content: item.content.map((part) => {
      const { audio: _, ...rest } = part;
      return rest;
    }),
  };
}
