/** From a verdict to the lines that fix it. */
export { fixesFor } from './choose.ts';
export { questionFor } from './question.ts';
