/** From a verdict to the lines that mend it. */
export { fixesFor } from './choose.ts';
export { questionFor } from './question.ts';
