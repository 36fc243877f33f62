/**
 * The shell commands that a documentation page shows, and the files it asks the reader to write.
 *
 * A block of commands that no test can run says so in its info string, which readers of the page do
 * not see: ```` ```bash needs="a key, and the real API" ````. A block of YAML that a command of the page
 * uses names its file: ```` ```yaml file="chat.yaml" ````.
 */

export interface CommandBlock {
  /** Line of its first command in the page, from 1. */
  line: number;
  /** What a test lacks to run it; undefined where nothing. */
  needs: string | undefined;
  /** Each without its comment, lines that end in a backslash joined. */
  commands: string[];
}

export interface PageFile {
  name: string;
  text: string;
}

interface Block {
  line: number;
  language: string;
  attributes: Readonly<Record<string, string>>;
  text: string;
}

function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map((match) => ({
    line: page.slice(0, match.index).split('\n').length + 1,
    language: match[1]!,
    attributes: Object.fromEntries(
      [...match[2]!.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
    ),
    text: match[3]!,
  }));
}

/** Files that the page asks the reader to write. */
export function pageFiles(page: string): PageFile[] {
  return blocksOf(page).flatMap(({ attributes, text }) =>
    attributes['file'] === undefined ? [] : [{ name: attributes['file'], text }],
  );
}

/** Blocks of shell commands, in the order of the page. */
export function commandBlocks(page: string): CommandBlock[] {
  return blocksOf(page)
    .filter(({ language }) => language === 'bash' || language === 'sh')
    .map(({ line, attributes, text }) => ({
      line,
      needs: attributes['needs'],
      commands: text
        .replaceAll(/\\\n\s*/g, '')
        .split('\n')
        .map((command) => command.replace(/(^|\s)# .*$/, '').trim())
        .filter((command) => command !== ''),
    }));
}
