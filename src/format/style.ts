/**
 * The only file that knows colours. Colour never carries meaning alone: every state has a sign and a
 * word next to it.
 */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  caution(text: string): string;
  accent(text: string): string;
}

// 16-colour codes only: terminals map them to the user's theme, light or dark.
const codes = { bold: 1, dim: 2, good: 32, bad: 31, caution: 33, accent: 36 } as const;

function wrapIn(code: number, reset: number): (text: string) => string {
  return (text) => (text === '' ? '' : `\u001b[${code}m${text}\u001b[${reset}m`);
}

const plain = (text: string): string => text;

/** @param color - false: every function returns its text unchanged. */
export function styleFor(color: boolean): Style {
  if (!color) {
    return { bold: plain, dim: plain, good: plain, bad: plain, caution: plain, accent: plain };
  }
  return {
    bold: wrapIn(codes.bold, 22),
    dim: wrapIn(codes.dim, 22),
    good: wrapIn(codes.good, 39),
    bad: wrapIn(codes.bad, 39),
    caution: wrapIn(codes.caution, 39),
    accent: wrapIn(codes.accent, 39),
  };
}

export type Tone = 'good' | 'bad' | 'caution' | 'neutral';

/** The sign that goes with a tone: ✓ ✗ ! ~. */
export const signs: Readonly<Record<Tone, string>> = {
  good: '✓',
  bad: '✗',
  caution: '!',
  neutral: '~',
};

/** Colours a text by tone. */
export function toned(style: Style, tone: Tone, text: string): string {
  return tone === 'neutral' ? text : style[tone](text);
}
