/**
 * `${NAME}` and `${NAME:-otherwise}` in string values. `$${` stands for a plain `${`. A value that is
 * nothing but one reference, and not quoted, is read as YAML reads it: `trials: ${TRIALS:-3}` is a
 * number.
 */
import { isObject, type Path, type Problem } from '../settings/problem.ts';

const reference = /\$(\$\{)|\$\{([^}]*)\}/g;
const whole = /^\$\{[^}]*\}$/;
const name = /^([A-Za-z_]\w*)(?::-(.*))?$/s;

export interface Substitution {
  value: unknown;
  problems: Problem[];
}

/**
 * @param keepText - whether the value at a path must stay text although it looks like a number.
 */
export function substitute(
  root: unknown,
  env: Readonly<Record<string, string | undefined>>,
  keepText: (path: Path) => boolean,
): Substitution {
  const problems: Problem[] = [];

  const fill = (text: string, path: Path): unknown => {
    let failed = false;
    const filled = text.replace(reference, (match, escaped: string | undefined, inner: string) => {
      if (escaped !== undefined) return escaped;
      const parts = name.exec(inner);
      const span = { offset: text.indexOf(match), length: match.length };
      if (!parts) {
        failed = true;
        problems.push({
          path,
          span,
          code: 'bad-reference',
          message: `${match} is not a reference to an environment variable`,
          hints: ['write ${NAME} or ${NAME:-otherwise}; for a plain "${" write "$${"'],
        });
        return match;
      }
      // As in a shell, `:-` also replaces an empty value.
      const value = env[parts[1]!];
      if (value !== undefined && (value !== '' || parts[2] === undefined)) return value;
      if (parts[2] !== undefined) return parts[2];
      failed = true;
      problems.push({
        path,
        span,
        code: 'environment-unset',
        message: `the environment variable ${parts[1]} is not set`,
        hints: [`set it, or give a default: \${${parts[1]}:-…}`],
      });
      return match;
    });
    if (failed || !whole.test(text) || keepText(path)) return filled;
    if (/^[+-]?\d+(\.\d+)?$/.test(filled)) return Number(filled);
    if (filled === 'true' || filled === 'false') return filled === 'true';
    return filled;
  };

  const walk = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return value.includes('${') ? fill(value, path) : value;
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]),
    );
  };

  return { value: walk(root, []), problems };
}
