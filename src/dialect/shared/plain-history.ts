/** The messages of a conversation of plain text, for APIs that take them whole with each turn. */
import type { TurnInput } from '../dialect.ts';

export class PlainHistory {
  private readonly keeps: boolean;
  private readonly messages: { role: string; content: string }[] = [];
  private text = '';

  /** @param keeps - whether a later turn will send the answers back. */
  constructor(keeps: boolean) {
    this.keeps = keeps;
  }

  /** Adds a turn's question. @returns the members of the request that carry it. */
  ask(input: TurnInput): Readonly<Record<string, unknown>> {
    const { content, instructions, maxTokens } = input;
    if (content.kind === 'prompt') this.messages.push({ role: 'user', content: content.text });
    this.text = '';
    return {
      ...(instructions === undefined ? {} : { instructions }),
      messages: [...this.messages],
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    };
  }

  /** A piece of the answer. */
  answer(text: string): void {
    if (this.keeps) this.text += text;
  }

  /** The answer is complete. */
  answered(): void {
    if (this.keeps) this.messages.push({ role: 'assistant', content: this.text });
  }
}
