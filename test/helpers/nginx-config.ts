/** Reads made-up nginx configurations. */
import { posix } from 'node:path';
import type { ConfigReading } from '../../src/diagnose/diagnosis.ts';
import { readNginxConfig, type NginxConfigRequest } from '../../src/diagnose/config/read.ts';

/** Files in memory, by absolute path. */
export function memoryFiles(files: Readonly<Record<string, string>>) {
  return {
    readText: (path: string) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return text;
    },
    list: (directory: string) => [
      ...new Set(
        Object.keys(files)
          .filter((path) => path.startsWith(posix.join(directory, '/')))
          .map((path) => path.slice(posix.join(directory, '/').length).split('/')[0]!),
      ),
    ],
  };
}

type Known = Partial<Omit<NginxConfigRequest, 'file' | 'readText' | 'list'>>;

/** A configuration of one text, read for `http://localhost/v1/chat`. */
export function readText(text: string, known: Known = {}): ConfigReading {
  return readNginxConfig({
    file: '/etc/nginx/nginx.conf',
    ...memoryFiles({ '/etc/nginx/nginx.conf': text }),
    url: 'http://localhost/v1/chat',
    ...known,
  });
}

/** The directives of one location in front of a target, in a whole configuration. */
export function inLocation(lines: string): string {
  return `events {}\nhttp {\n  server {\n    listen 80;\n    location / {\n      proxy_pass http://127.0.0.1:9;\n      ${lines}\n    }\n  }\n}\n`;
}
