/** Sources that the mock cites, as the official client reads them: streamed and whole, in both APIs. */
import { describe, expect, it } from 'vitest';
import { clientOf, dataOf, mockForTest } from './harness.ts';

const options = { tokens: 12, sources: 2 } as const;
const messages = [{ role: 'user' as const, content: 'Hello' }];

interface Citation {
  url: string;
  title: string;
  start_index: number;
  end_index: number;
}

/** Two sources, one after the other, each for a part of the text. */
function expectCitations(citations: readonly Citation[], text: string): void {
  expect(citations.map(({ url }) => url)).toEqual([
    'https://example.com/source-1',
    'https://example.com/source-2',
  ]);
  const [one, two] = citations;
  expect(one!.start_index).toBeLessThan(one!.end_index);
  expect(one!.end_index).toBeLessThanOrEqual(two!.start_index);
  expect(two!.end_index).toBeLessThan(text.length);
}

describe('sources', () => {
  it('are in the annotations of a response, and come while it streams', async () => {
    const client = clientOf(await mockForTest(options));
    const stream = client.responses.stream({ model: 'm', input: 'Hello' });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    const response = await stream.finalResponse();
    const [item] = response.output;
    const part = item?.type === 'message' ? item.content[0] : undefined;
    const annotations = part?.type === 'output_text' ? part.annotations : [];
    expectCitations(annotations as unknown as Citation[], response.output_text);
    const added = types.flatMap((type, at) => (type.endsWith('annotation.added') ? [at] : []));
    expect(added).toHaveLength(2);
    expect(added[0]).toBeGreaterThan(types.indexOf('response.output_text.delta'));
    expect(added[1]).toBeLessThan(types.lastIndexOf('response.output_text.delta'));

    const whole = await client.responses.create({ model: 'm', input: 'Other' });
    expect(JSON.stringify(whole.output)).toContain('https://example.com/source-2');
  });

  it('are in the deltas and messages of a completion', async () => {
    const mock = await mockForTest(options);
    const response = await fetch(`${mock.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', stream: true, messages }),
    });
    type Chunk = {
      choices: { delta: { content?: string; annotations?: { url_citation: Citation }[] } }[];
    };
    const chunks = dataOf(await response.text()).filter((chunk) => chunk !== '[DONE]') as Chunk[];
    const deltas = chunks.map(({ choices }) => choices[0]?.delta ?? {});
    const text = deltas.map(({ content = '' }) => content).join('');
    const cited = deltas.flatMap(({ annotations = [] }) => annotations);
    expectCitations(
      cited.map((annotation) => annotation.url_citation),
      text,
    );
    const whole = await clientOf(mock).chat.completions.create({ model: 'm', messages });
    const annotations = whole.choices[0]!.message.annotations!;
    expectCitations(
      annotations.map((annotation) => annotation.url_citation),
      whole.choices[0]!.message.content!,
    );
  });

  it('are no more than there are pieces of text, and none in a tool call', async () => {
    const client = clientOf(await mockForTest({ tokens: 1, sources: 5 }));
    const one = await client.responses.create({ model: 'm', input: 'Hello' });
    expect(JSON.stringify(one.output).split('url_citation')).toHaveLength(2);
    const call = await client.responses.create({
      model: 'm',
      input: 'Hello',
      tools: [{ type: 'function', name: 'f', strict: false, parameters: {} }],
      tool_choice: 'required',
    });
    expect(JSON.stringify(call.output)).not.toContain('url_citation');
  });

  it('are absent where none are set', async () => {
    const client = clientOf(await mockForTest({ tokens: 12 }));
    const response = await client.responses.create({ model: 'm', input: 'Hello' });
    expect(JSON.stringify(response)).not.toContain('url_citation');
  });
});
