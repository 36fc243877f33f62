/**
 * The contract suites, and all that a dialect is written with, for members outside the repository:
 * `streamgauge/contract`. The suites take the test runner's functions, so they run under `node:test`,
 * vitest, jest or mocha alike.
 *
 * @example
 * import { describe, it } from 'node:test';
 * import { describeDialect, describeEventKinds } from 'streamgauge/contract';
 *
 * describeDialect({ dialect, sample }, { describe, it });
 * describeEventKinds({ dialect, sample }, { describe, it });
 */
export { describeDialect } from './dialect-suite.ts';
export { checkEventKinds, describeEventKinds } from './event-kind-suite.ts';
export type {
  DialectSample,
  DialectSetUp,
  RequestPart,
  SampleEvent,
  SampleRequest,
} from './dialect-sample.ts';
export type { TestTools } from './test-tools.ts';

// What a member is written with: the contract, and the readers that members share.
export { defineDialect } from '../dialect/dialect.ts';
export type * from '../dialect/dialect.ts';
export { option } from '../dialect/options.ts';
export type { DialectOption, DialectOptions, OptionValues } from '../dialect/options.ts';
export {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  parseFrame,
  reportError,
  reportUsage,
  textAt,
} from '../dialect/shared/json.ts';
export type { JsonObject, UsageWords } from '../dialect/shared/json.ts';
export { areWhole, argumentsComplete, firstSource } from '../dialect/shared/landmarks.ts';
export { PlainHistory } from '../dialect/shared/plain-history.ts';
export { endsInBrace, plainString } from '../dialect/shared/plain-string.ts';
export { responseEventKind } from '../dialect/shared/response-events.ts';
export { typedEventKind } from '../dialect/shared/typed-event-kind.ts';
export type { TypedEvents } from '../dialect/shared/typed-event-kind.ts';
export type { LandmarkDefinition } from '../metric/landmark.ts';
export type {
  SdkAdapter,
  SdkClient,
  SdkFailure,
  SdkSettings,
  SdkSocket,
  SdkSocketListener,
} from '../transport/sdk.ts';
export type { Frame, TransportName, WireMessage, WireRequest } from '../transport/transport.ts';
export type { EventKind, EventKindReader } from '../wire/event-kind.ts';
