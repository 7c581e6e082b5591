export {
  type Address,
  AddressInUse,
  AddressNotAvailable,
  AlreadySubscribed,
  type BindHandler,
  type Binding,
  type BindOptions,
  BrokenPipe,
  BufferOverflow,
  type Chunk,
  type Clock,
  type ConnectFailure,
  ConnectionAborted,
  ConnectionClosed,
  type ConnectionLost,
  connectionLost,
  ConnectionRefused,
  ConnectionReset,
  ConnectionTimedOut,
  ConnectTimeout,
  createNodeTransport,
  ConsumerStalled,
  DeadlineExceeded,
  DecodeFailed,
  type DialHandler,
  type DialOptions,
  type DriverName,
  type Endpoint,
  type FailureByTag,
  type FailureDetails,
  type FailureGroup,
  type FailureTag,
  FirstByteTimeout,
  formatAddress,
  FrameTooLarge,
  FrameTruncated,
  type GroupOf,
  HostNotFound,
  HostUnreachable,
  IdleTimeout,
  MessageTimeout,
  InvalidOptions,
  type IpcAddress,
  isNetFailure,
  type Link,
  type LinkHandler,
  type LimitFailure,
  type ListenFailure,
  type LocalFailure,
  localFailure,
  type LookupAddress,
  type LookupFunction,
  type NetFailure,
  NetworkUnreachable,
  nodeTransport,
  type NodeTransportOptions,
  type Overload,
  overload,
  PathNotFound,
  PermissionDenied,
  PoolExhausted,
  PossiblyDelivered,
  type ProtocolFailure,
  protocolFailure,
  type ReadFailure,
  ReadTimeout,
  type SocketAddress,
  systemClock,
  SystemFailure,
  type TimeLimit,
  timeLimit,
  TooManyFiles,
  type Transport,
  type Unanswered,
  unanswered,
  type Unreachable,
  unreachable,
  type WriteFailure,
  WriteTimeout,
} from './core/index.ts';
export { type AnswerByIdOptions, type AnswerOptions, answerWith } from './observables/channels/answer-with.ts';
export type { Channel, ChannelOptions, EncodeOutcome } from './observables/channels/channel.ts';
export { framed } from './observables/channels/framed.ts';
export { rpc } from './observables/channels/rpc.ts';
export type {
  AnswerPart,
  RequestFailure,
  RequestOptions,
  RequestOutcome,
  Rpc,
  RpcByIdOptions,
  RpcOptions,
} from './observables/channels/rpc-types.ts';
export { serveFramed, type ServeFramedOptions } from './observables/channels/serve-framed.ts';
export { type ByteBudget, byteBudget } from './observables/byte-budget.ts';
export { connect } from './observables/connect.ts';
export type { CloseInfo, Connection, ConnectionEvent, HalfEnd } from './observables/connection.ts';
export { currentUpstream, type Holder, type Room, type Upstream, type Waits } from './core/demand.ts';
export type { Tagged, TagOf } from './observables/failures/tags.ts';
export { type DialableEndpoint, endpointOf } from './observables/endpoint-of.ts';
export { catchAll } from './observables/failures/catch-all.ts';
export { catchFailure } from './observables/failures/catch-failure.ts';
export { catchFailures } from './observables/failures/catch-failures.ts';
export { Defect } from './observables/failures/defect.ts';
export { orDie } from './observables/failures/or-die.ts';
export type { NothingLeft, Unhandled } from './observables/failures/nothing-left.ts';
export { runFlow, type RunFlowOptions } from './observables/failures/run-flow.ts';
export type { Carrier, Everything, FailureOf, Flow, FlowSource, Op, Outcome, ValueOf } from './observables/flow.ts';
export { type ByteWindow, incomplete, type Incomplete } from './observables/framing/byte-window.ts';
export { choose, type Choice, type Choices, type ChosenIn, type ChosenOut } from './observables/framing/choose.ts';
export { cobs, type CobsOptions } from './observables/framing/cobs.ts';
export { defineFraming, type FramingDefinition } from './observables/framing/define-framing.ts';
export { delimited, type DelimitedOptions } from './observables/framing/delimited.ts';
export { fixedLength } from './observables/framing/fixed-length.ts';
export type { Decoder, Frame, Framing } from './observables/framing/framing.ts';
export type { CodecLike } from './observables/framing/io-ts-errors.ts';
export { jsonLines, type JsonLinesOptions } from './observables/framing/json-lines.ts';
export {
  type FixedFieldOptions,
  type HeadAndBody,
  lengthPrefixed,
  type LengthPrefixedOptions,
  type OffsetOptions,
  type VarintOptions,
} from './observables/framing/length-prefixed.ts';
export { fromDuplex, type FromDuplexOptions } from './observables/interop/from-duplex.ts';
export type { TakeOptions } from './observables/interop/interop-options.ts';
export { toAsyncIterable } from './observables/interop/to-async-iterable.ts';
export { toDuplex } from './observables/interop/to-duplex.ts';
export { type ReadableStreamOptions, toReadableStream } from './observables/interop/to-readable-stream.ts';
export { toWebStreams, toWritableStream, type WebStreams } from './observables/interop/to-web-streams.ts';
export { lines, type LinesOptions } from './observables/framing/lines.ts';
export { mapFraming } from './observables/framing/map-framing.ts';
export { netstring, type NetstringOptions } from './observables/framing/netstring.ts';
export { typed } from './observables/framing/typed.ts';
export type { TimeSource } from './observables/internal/source-clock.ts';
export { connectTimeout } from './observables/limits/connect-timeout.ts';
export { deadline } from './observables/limits/deadline.ts';
export { firstByteTimeout } from './observables/limits/first-byte-timeout.ts';
export { idleTimeout } from './observables/limits/idle-timeout.ts';
export { stallTimeout } from './observables/limits/stall-timeout.ts';
export { messageTimeout } from './observables/limits/message-timeout.ts';
export { readTimeout } from './observables/limits/read-timeout.ts';
export { type TimeLimits, timeouts } from './observables/limits/timeouts.ts';
export { writeTimeout } from './observables/limits/write-timeout.ts';
export { listen } from './observables/listen.ts';
export type {
  ConnectionOptions,
  ConnectOptions,
  ListenOptions,
  ServeOptions,
  TimeLimitOptions,
} from './observables/options.ts';
export { mapAsync } from './observables/map-async.ts';
export type { BufferLimits, PacedOptions, QueueOptions } from './observables/pacing/limits.ts';
export type { LeaveReason, PoolEvent, PoolReport, PoolStats } from './observables/pool/events.ts';
export type { HealthCheck, PoolOptions } from './observables/pool/options.ts';
export { type Lease, pool, type Pool, type PoolFailure } from './observables/pool/pool.ts';
export type { ExponentialBackoff } from './observables/reconnecting/backoff.ts';
export type { ReconnectEvent } from './observables/reconnecting/events.ts';
export type { ReconnectOptions } from './observables/reconnecting/policy.ts';
export { reconnecting } from './observables/reconnecting/reconnecting.ts';
export { isWorthRetrying } from './observables/reconnecting/worth-retrying.ts';
export {
  type ByteRateOptions,
  type MessageRateOptions,
  rateLimit,
  type RateLimitOptions,
} from './observables/rate-limit.ts';
export { sendTo } from './observables/send.ts';
export { serve } from './observables/serve.ts';
export type {
  ClosedEvent,
  DrainingEvent,
  FailedEvent,
  ListeningEvent,
  OpenedEvent,
  ServeEvent,
  StoppedEvent,
} from './observables/serve-events.ts';
export type { CutConnection, DrainReport, DroppedEvent, DropReason, Server } from './observables/server.ts';
export { type BytesCanNotBeDropped, type DropReport, paced } from './observables/strategies/paced.ts';
export type { OnDropped } from './observables/strategies/keeping.ts';
export {
  type ConnectionThrottle,
  throttleConnections,
  type ThrottleOptions,
} from './observables/throttle-connections.ts';
