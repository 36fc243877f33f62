/** Fixes of nginx, put where its configuration says that they belong. */
import type { ConfigReading, Fix } from '../diagnosis.ts';

/** `a 1; b 2;` → one directive a line. */
function lines(text: string): string[] {
  return text
    .split(/(?<=;)\s+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const directive = (line: string): string => line.split(/[\s;]/)[0]!;

/** The line that the reading names as the cause comes first; a fix that does the same is not repeated. */
export function withPlace(fixes: readonly Fix[], config: ConfigReading | null): Fix[] {
  const cause = config?.findings.find(({ severity, fix }) => severity === 'cause' && fix !== '');
  if (cause === undefined) return [...fixes];
  const wanted = lines(cause.fix);
  const same = fixes.find(({ paste }) => wanted.every((line) => paste.split('\n').includes(line)));
  const place = `${cause.file}:${cause.line}`;
  const replaces = wanted.some((line) => directive(line) === directive(cause.text));
  const fix: Fix = {
    component: 'nginx',
    title: same?.title ?? (replaces ? 'change the line that holds it' : 'add what is missing'),
    where: `${place}, ${replaces ? 'in place of' : 'next to'} "${cause.text}"; then: nginx -t && nginx -s reload`,
    paste: same?.paste ?? wanted.join('\n'),
    why: `${cause.message}.`,
    ...(same?.side_effect === undefined ? {} : { side_effect: same.side_effect }),
  };
  return [fix, ...fixes.filter((one) => one !== same)];
}
