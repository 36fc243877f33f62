/** Loaded before every test file: properties draw the same values in every run, so that a build does not depend on luck. */
import * as fc from 'fast-check';

fc.configureGlobal({ seed: 42 });
