/** Secrets come from the environment and never reach a result. */
import { exampleKeyVariable } from '../dialect/registry.ts';
import { isObject, type Path, type Problem } from '../settings/problem.ts';

const secretHeader =
  /^(authorization|proxy-authorization|cookie|(x-)?api-key|.*[-_](token|secret|key))$/i;
const fromEnvironment = /^(?:[A-Za-z]+ )?\$\{[A-Za-z_]\w*(:-)?\}$/;

/** Secrets that are written in the scenario itself; `raw` is the scenario before substitution. */
export function literalSecrets(raw: unknown): Problem[] {
  const problems: Problem[] = [];
  eachSecret(raw, (path, value) => {
    if (value === '' || (typeof value === 'string' && fromEnvironment.test(value))) return;
    const last = String(path.at(-1));
    const variable = last === 'api_key' ? exampleKeyVariable : 'MY_SECRET';
    problems.push({
      path,
      code: 'literal-secret',
      message: `${last} must come from the environment, not be written in the scenario`,
      hints: [`write ${last}: \${${variable}} and set ${variable} when you run it`],
    });
  });
  return problems;
}

/** The scenario as it may be kept in a result. References to the environment stay as they are. */
export function redact(raw: unknown): unknown {
  let copy = raw;
  eachSecret(raw, (path, value) => {
    if (typeof value === 'string' && fromEnvironment.test(value)) return;
    copy = replaced(copy, path);
  });
  return copy;
}

function replaced(value: unknown, [part, ...rest]: Path): unknown {
  if (part === undefined) return '[redacted]';
  const object = value as Record<string, unknown>;
  return { ...object, [part]: replaced(object[part], rest) };
}

function eachSecret(raw: unknown, visit: (path: Path, value: unknown) => void): void {
  const visitArm = (arm: unknown, path: Path): void => {
    if (!isObject(arm)) return;
    if (arm['api_key'] !== undefined) visit([...path, 'api_key'], arm['api_key']);
    if (!isObject(arm['headers'])) return;
    for (const [header, value] of Object.entries(arm['headers'])) {
      if (secretHeader.test(header)) visit([...path, 'headers', header], value);
    }
  };
  visitArm(raw, []);
  if (!isObject(raw) || !isObject(raw['arms'])) return;
  for (const [arm, settings] of Object.entries(raw['arms'])) visitArm(settings, ['arms', arm]);
}
