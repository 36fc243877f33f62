import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNginx, type Directive } from '../../../../src/diagnose/config/syntax.ts';
import { formatError, StreamgaugeError } from '../../../../src/errors.ts';

/** Names and arguments without places. */
function shape(directives: readonly Directive[]): unknown {
  return directives.map(({ name, args, children }) =>
    children === null ? [name, ...args] : [name, ...args, shape(children)],
  );
}

function errorOf(text: string): string {
  try {
    parseNginx(text, 'nginx.conf');
  } catch (error) {
    expect(error).toBeInstanceOf(StreamgaugeError);
    expect((error as StreamgaugeError).exit).toBe('usage');
    return formatError(error as StreamgaugeError);
  }
  throw new Error('no error');
}

test('blocks, arguments, comments, and where they stand', () => {
  const text = `user www; # who
# a comment; with { braces }
http {
  log_format main '$remote_addr - "$request"'
                  "x\\"y";   server { listen 80; } # end
}
`;
  const tree = parseNginx(text, 'x.conf');
  expect(shape(tree)).toEqual([
    ['user', 'www'],
    [
      'http',
      [
        ['log_format', 'main', '$remote_addr - "$request"', 'x"y'],
        ['server', [['listen', '80']]],
      ],
    ],
  ]);
  const [, http] = tree;
  expect(http).toMatchObject({ file: 'x.conf', line: 3, column: 1, text: 'http {' });
  expect(http!.children![0]).toMatchObject({ line: 4, column: 3 });
  expect(http!.children![0]!.text).toBe(`log_format main '$remote_addr - "$request"' "x\\"y";`);
  expect(http!.children![1]).toMatchObject({ line: 5, column: 29 });
});

test.each([
  [String.raw`location ~ \.php$ {}`, ['location', '~', String.raw`\.php$`, []]],
  [String.raw`location ~ "^/a{2,3}\d" {}`, ['location', '~', String.raw`^/a{2,3}\d`, []]],
  ['root /srv/${host}/www;', ['root', '/srv/${host}/www']],
  ['a;', ['a']],
  ['a "";', ['a', '']],
  ["a 'b;c}';", ['a', 'b;c}']],
  ['a b#c;', ['a', 'b#c']],
  [
    'if ($request_method = "POST") { return 405; }',
    ['if', '($request_method', '=', 'POST', ')', [['return', '405']]],
  ],
  [
    'map $a $b { default 0; ~*x|y 1; "" 2; }',
    [
      'map',
      '$a',
      '$b',
      [
        ['default', '0'],
        ['~*x|y', '1'],
        ['', '2'],
      ],
    ],
  ],
  ['content_by_lua_block { local a = "}" -- }\n ngx.say({1}) }', ['content_by_lua_block', []]],
  ['a\tb\r\n;', ['a', 'b']],
])('%s', (text, expected) => {
  expect(shape(parseNginx(text, 'x'))).toEqual([expected]);
});

describe('syntax errors say where', () => {
  test('a semicolon is missing before a brace', () => {
    expect(errorOf('http {\n  gzip on\n}\n')).toMatchInlineSnapshot(`
      "error[nginx-syntax]: directive "gzip" is not ended with ";"
       --> nginx.conf:2:3
        |
      2 |   gzip on
        |   ^^^^^^^
        = nginx -t names what it does not accept
      "
    `);
  });

  test.each([
    ['http {\n  server {\n}\n', 'nginx.conf:1:6', 'not closed'],
    ['a;\n}\n', 'nginx.conf:2:1', 'no block is open'],
    ['a b', 'nginx.conf:1:1', 'not ended'],
    ['a "b;\n', 'nginx.conf:1:3', 'quote is not closed'],
    ['a "b"c;\n', 'nginx.conf:1:6', 'after a closing quote'],
    [';', 'nginx.conf:1:1', 'unexpected ";"'],
    ['x_by_lua_block {\n "a" {', 'nginx.conf:1:16', 'not closed'],
  ])('%j', (text, place, message) => {
    const shown = errorOf(text);
    expect(shown).toContain(place);
    expect(shown).toContain(message);
  });
});

test('whatever is written in quotes comes back', () => {
  const word = fc.string({ minLength: 1 }).filter((text) => !text.includes('\\'));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (args) => {
      const written = args.map((arg) => `"${arg.replaceAll('"', '\\"')}"`).join(' ');
      expect(parseNginx(`a ${written};`, 'x')[0]!.args).toEqual(args);
    }),
  );
});

test('any text is read or refused by name, never crashed on', () => {
  const piece = fc.constantFrom('a', ' ', ';', '{', '}', '"', "'", '\\', '#', '\n', '$', '(', ')');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        parseNginx(pieces.join(''), 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(StreamgaugeError);
        const { place } = error as StreamgaugeError;
        expect(place!.line).toBeGreaterThan(0);
        expect(place!.column).toBeGreaterThan(0);
      }
    }),
  );
});
