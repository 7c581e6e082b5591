// To and from async iterables, web streams and Node.js streams.
import type { Duplex } from 'node:stream';

import {
  type AlreadySubscribed,
  type Chunk,
  type Connection,
  type ConnectionClosed,
  type Flow,
  fromDuplex,
  lines,
  toAsyncIterable,
  toDuplex,
  toReadableStream,
  toWebStreams,
  toWritableStream,
} from 'rxjs-net';
import { from, of } from 'rxjs-net/rx';
import { expectAssignable, expectError, expectType } from 'tsd';

declare const connection: Connection;
declare const duplex: Duplex;

expectType<AsyncIterable<string>>(toAsyncIterable(connection.incoming.pipe(lines())));
expectType<AsyncIterable<number>>(toAsyncIterable(of(1)));
expectError(toAsyncIterable([1]));
expectError(toAsyncIterable(of(1), { sgnal: AbortSignal.abort() }));

expectType<ReadableStream<string>>(toReadableStream(connection.incoming.pipe(lines())));
expectType<ReadableStream<Uint8Array>>(toReadableStream(connection.incoming, { type: 'bytes' }));
expectError(toReadableStream(of('text'), { type: 'bytes' }));
expectType<WritableStream<Chunk>>(toWritableStream(connection));
expectAssignable<{ readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> }>(
  toWebStreams(connection),
);
expectType<Flow<string>>(from(toReadableStream(of('text'))));
expectType<Flow<string>>(from(toAsyncIterable(of('text'))));

expectType<Duplex>(toDuplex(connection));
expectType<Flow<Connection, AlreadySubscribed | ConnectionClosed>>(fromDuplex(duplex));
expectError(fromDuplex(duplex, { transport: undefined as never, port: 5 }));
