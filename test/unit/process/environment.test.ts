import { describe, expect, it } from 'vitest';
import {
  environmentForNode,
  environmentForPrograms,
  withoutInspector,
} from '../../../src/process/environment.ts';

describe('NODE_OPTIONS without the debugger', () => {
  it.each([
    ['', ''],
    ['--inspect', ''],
    ['--inspect-brk=0.0.0.0:9229 --max-old-space-size=2000', '--max-old-space-size=2000'],
    ['--enable-source-maps --inspect-wait', '--enable-source-maps'],
    ['--inspect_brk', ''],
    ['--inspect-port 9300 --require ./a.js', '--require ./a.js'],
    ['--inspect-port=9300 --trace-warnings', '--trace-warnings'],
    ['--debug-port=9300', ''],
    ['--inspect-publish-uid=http --trace-warnings', '--trace-warnings'],
    ['"--inspect" --require "./with space.js"', '--require "./with space.js"'],
    [String.raw`--require "a \" --inspect b.js"`, String.raw`--require "a \" --inspect b.js"`],
    ['--inspect --max-http-header-size 9000', '--max-http-header-size 9000'],
    ['--require ./inspect.js', '--require ./inspect.js'],
  ])('%s', (given, kept) => {
    expect(withoutInspector(given)).toBe(kept);
  });
});

const parent = {
  PATH: '/bin',
  HOME: '/root',
  LC_ALL: 'C',
  OPENAI_API_KEY: 'sk-secret',
  MY_TOKEN: 'secret',
  NODE_AUTH_TOKEN: 'secret',
  VSCODE_INSPECTOR_OPTIONS: '{}',
  NODE_OPTIONS: '--inspect --trace-warnings',
  NODE_EXTRA_CA_CERTS: '/ca.pem',
  UNSET: undefined,
};

it('hands no secret to a child, and to Node what Node needs', () => {
  expect(environmentForNode(parent)).toEqual({
    PATH: '/bin',
    HOME: '/root',
    LC_ALL: 'C',
    NODE_OPTIONS: '--trace-warnings',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
  });
  expect(environmentForPrograms(parent)).toEqual({ PATH: '/bin', HOME: '/root', LC_ALL: 'C' });
});

it('leaves NODE_OPTIONS out where nothing of it stays', () => {
  expect(environmentForNode({ NODE_OPTIONS: '--inspect' })).toEqual({});
});
