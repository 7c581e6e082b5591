export { alt, altW } from './alternatives.ts';
export { bracket, type Bracketed, type BracketOptions, type UseFailure } from './bracket.ts';
export { type AnyBracketed, bracketed, type FailuresOfAll, type NeedsOfAll, type ResourcesOf } from './bracketed.ts';
export { ask, asks, die, left, of, right, throwError } from './constructors.ts';
export {
  fromAbortable,
  fromEither,
  fromIO,
  fromIOEither,
  fromNullable,
  fromOption,
  fromReader,
  fromReaderEither,
  fromTask,
  fromTaskEither,
  tryCatch,
} from './conversions.ts';
export { apS, apSW, bind, bindTo, bindW, Do, let } from './do.ts';
export { filterOrElse, filterOrElseW, fromPredicate, someOrElse } from './filtering.ts';
export { fold, foldW, getOrElse, getOrElseW, match, matchE, matchEW, matchW } from './matching.ts';
export { asksReaderTaskEither, asksReaderTaskEitherW, flatMapReader, local } from './readers.ts';
export { type Exit, type Failure, matchExit, type Success, type Unsuccessful } from './exit.ts';
export { type Cancel, fromCallback } from './from-callback.ts';
export {
  Alt,
  ApplicativePar,
  ApplicativeSeq,
  ApplyPar,
  ApplySeq,
  Bifunctor,
  Chain,
  FromEither,
  FromIO,
  FromReader,
  FromTask,
  Functor,
  Monad,
  MonadIO,
  MonadTask,
  MonadThrow,
  Pointed,
} from './instances.ts';
export { URI } from './uri.ts';
export { Interrupted } from './interrupted.ts';
export { type NetEnv, netEnv, type NetEnvOptions } from './net-env.ts';
export type { Net, Program } from './net.ts';
export { ap, apFirst, apFirstW, apSecond, apSecondW, apW } from './parallel.ts';
export { race, raceAll } from './race.ts';
export {
  attempt,
  bimap,
  mapBoth,
  mapError,
  mapLeft,
  orElse,
  orElseFirst,
  orElseFirstW,
  orElseW,
  tapError,
} from './recovering.ts';
export { ReleaseFailed } from './release-failed.ts';
export { type RunArguments, type EffectOptions, toExit, toPromise, toTaskEither } from './run.ts';
export {
  as,
  asUnit,
  chain,
  chainFirst,
  chainFirstW,
  chainW,
  flap,
  flatMap,
  flatMapEither,
  flatMapIO,
  flatMapTask,
  flatMapTaskEither,
  flatten,
  flattenW,
  map,
  tap,
} from './sequencing.ts';
export { repeating } from './repeating.ts';
export { type Retry, retrying, type RetryOptions } from './retrying.ts';
export {
  allOf,
  capDelay,
  delaysOf,
  exponentialBackoff,
  fixedDelay,
  fullJitter,
  limitTo,
  MonoidSchedule,
  type RetryPolicy,
  type Schedule,
  schedule,
  type ScheduleStatus,
  stableAfter,
} from './schedule.ts';
export {
  flatMapIOEither,
  flatMapNullable,
  flatMapOption,
  flatMapReaderEither,
  flatMapReaderIO,
  flatMapReaderTask,
} from './steps.ts';
export {
  tapEither,
  tapIO,
  tapReader,
  tapReaderEither,
  tapReaderIO,
  tapReaderTask,
  tapTask,
  tapTaskEither,
} from './taps.ts';
export {
  fromEitherK,
  fromIOEitherK,
  fromIOK,
  fromNullableK,
  fromOptionK,
  fromReaderEitherK,
  fromReaderIOK,
  fromReaderK,
  fromReaderTaskK,
  fromTaskEitherK,
  fromTaskK,
  liftNullable,
  liftOption,
} from './lifting.ts';
export { orLeft, orLeftW, swap, toUnion } from './sides.ts';
export {
  leftIO,
  leftReader,
  leftReaderIO,
  leftReaderTask,
  leftTask,
  rightIO,
  rightReader,
  rightReaderIO,
  rightReaderTask,
  rightTask,
} from './sides-from.ts';
export { getAltReaderTaskValidation, getApplicativeReaderTaskValidation } from './validation.ts';
export { sleep } from './sleep.ts';
export { type AnyNet, catchTag, catchTags, matchTags, type TagsOf, type WithTag } from './tags.ts';
export { timeout } from './timeout.ts';
export { sequenceArray, traverseArray, traverseArrayWithIndex, type TraverseOptions } from './traverse.ts';
export { uninterruptible } from './uninterruptible.ts';
export { type CheckedConnectOptions, ConnectOptionsCodec } from './codecs/connect-options.ts';
export type { EncodedOptions } from './codecs/encoded.ts';
export { type CheckedEndpoint, type EncodedEndpoint, EndpointCodec, EndpointFromString } from './codecs/endpoint.ts';
export { Host, type HostBrand } from './codecs/host.ts';
export { decodeInput, InvalidInput } from './codecs/invalid-input.ts';
export {
  type CheckedListenOptions,
  type CheckedServeOptions,
  ListenOptionsCodec,
  ServeOptionsCodec,
} from './codecs/listen-options.ts';
export type { OptionCodec } from './codecs/option-codec.ts';
export { type Environment, type FromEnvOptions, optionsFromEnv } from './codecs/options-from-env.ts';
export { Port, type PortBrand, RemotePort, type RemotePortBrand } from './codecs/port.ts';
export { problemReporter, problemsOf } from './codecs/problems.ts';
export { SocketPath, type SocketPathBrand } from './codecs/socket-path.ts';
export { receive, send, upgrade, withChannel } from './channels.ts';
export { fromFlow, repeatUntilNone, stream, toFlow } from './flows.ts';
export { forEachFrame } from './for-each-frame.ts';
export { read, readAll, readExactly, readFrame, readUntil } from './reading.ts';
export {
  type OnFailure,
  type RunningServer,
  type ServerEvent,
  serveWith,
  type ServeWithOptions,
} from './serve-with.ts';
export { withConnection, type WithConnectionOptions } from './with-connection.ts';
export { closeServer, withServer } from './with-server.ts';
export { end, flush, write, writeFrame } from './writing.ts';
export { runCollect, runForEach } from './run-flows.ts';
