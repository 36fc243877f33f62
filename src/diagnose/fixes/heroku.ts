/** Heroku's router: first byte within 30 s (H12), then at most 55 s without one (H15). No setting changes it. */
import { heartbeatSeconds, type ComponentFixes, type FixText } from './fix.ts';

const early: FixText = {
  title: 'send the first byte before the model answers',
  where:
    'the streaming endpoint, before it waits for anything: these bytes, a line and an empty one',
  paste: ': ok\n\n',
  why: 'The router answers 503 (H12) itself when nothing came for 30 s; once a byte was sent, each further one gives 55 s more.',
};

export const heroku: ComponentFixes = {
  component: 'heroku',
  obeysHeaders: false,
  remedies: {
    cut_at_total: [early],
    cut_when_idle: (verdict) => [
      {
        title: 'send a comment before the limit is reached',
        where:
          'the streaming endpoint, while it waits for the model: these bytes, a line and an empty one',
        paste: ': ping\n\n',
        why: `The router ends an answer (H15) after 55 s without a byte. A comment each ${heartbeatSeconds(verdict)} s keeps it open; clients ignore it.`,
      },
      early,
    ],
  },
};
