// @ts-check
/**
 * What Node runs in a child: `node child.js ROLE MODULE PARENT`, where the module exports `service` and
 * PARENT is the number of the parent process. ROLE is for whoever lists processes: it says which this is.
 */
import { watchParent } from './watch-parent.js';
import { serve } from './serve.js';

const [, , , module = '', parent = ''] = process.argv;
watchParent(Number(parent));
const { service } = await import(module);
serve(service);
