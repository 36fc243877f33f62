/** Loading scenarios from text in memory. */
import { StreamgaugeError, StreamgaugeErrors } from '../../src/errors.ts';
import { loadScenario, type LoadOptions } from '../../src/scenario/load.ts';
import type { Plan } from '../../src/scenario/plan.ts';
import { memoryWorld } from './memory-world.ts';

export const minimal = `target: mock
load: { kind: closed, sessions: 2, duration: 5s }
prompt: Hello
`;

export function load(
  text: string,
  options: LoadOptions & { files?: Record<string, string> } = {},
): Plan {
  const world = memoryWorld({ files: { 'scenario.yaml': text, ...options.files } });
  return loadScenario('scenario.yaml', world, { env: {}, ...options });
}

/** The mistakes that loading shows, each as it is thrown. */
export function mistakes(
  text: string,
  options: Parameters<typeof load>[1] = {},
): StreamgaugeError[] {
  try {
    load(text, options);
  } catch (error) {
    if (error instanceof StreamgaugeErrors) return [...error.errors];
    if (error instanceof StreamgaugeError) return [error];
    throw error;
  }
  return [];
}

/** `code @ marked text`, the shortest form that says what was found where. */
export function summary(errors: readonly StreamgaugeError[]): string[] {
  return errors.map(({ code, place }) =>
    place
      ? `${code} @ ${place.text.slice(place.column - 1, place.column - 1 + place.length)}`
      : code,
  );
}
