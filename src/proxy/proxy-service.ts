/** What a simulated proxy's child process serves; proxy-process.ts is its parent's side. */
import { defineService } from '../process/service.ts';
import { startBufferingProxy, type BufferingProxyOptions } from './server.ts';

export const service = defineService({
  name: 'the simulated proxy',
  code: 'proxy',
  module: import.meta.url,
  async start(options: BufferingProxyOptions) {
    const proxy = await startBufferingProxy(options);
    return {
      started: { port: proxy.port },
      calls: { stats: () => proxy.stats() },
      close: () => proxy.close(),
    };
  },
});
