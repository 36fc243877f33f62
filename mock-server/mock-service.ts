/** What the mock's child process serves; mock-process.ts is its parent's side. */
import { readFileSync } from 'node:fs';
import { defineService } from '../src/process/service.ts';
import { startMock, type MockOptions } from './index.ts';

export interface MockRequest {
  options: MockOptions;
  /** What relative paths in the options are relative to. */
  baseDirectory: string;
}

export const service = defineService({
  name: 'the mock server',
  code: 'mock',
  module: import.meta.url,
  async start({ options, baseDirectory }: MockRequest) {
    const readText = (file: string): string => readFileSync(file, 'utf8');
    const mock = await startMock(options, { readText, baseDirectory });
    const { baseUrl, secureBaseUrl, certificate, port } = mock;
    return {
      started: { baseUrl, secureBaseUrl, certificate, port },
      calls: {
        stats: () => mock.stats(),
        transcripts: () => mock.transcripts(),
        log: () => mock.log(),
        stops: () => mock.stops(),
      },
      close: () => mock.close(),
    };
  },
});
