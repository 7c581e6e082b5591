// paced and its strategies: what drops values refuses bytes; rateLimit.
import { map, type Observable } from 'rxjs-net/rx';
import { type BufferOverflow, type Flow, lines, paced, rateLimit, type ReadFailure } from 'rxjs-net';
import { buffer, drop, latest, sample, type Strategy } from 'rxjs-net/strategies';
import { expectError, expectType } from 'tsd';

declare const bytes: Flow<Buffer, ReadFailure>;
declare const views: Flow<Float64Array, ReadFailure>;
declare const chunks: Flow<Uint8Array | string, ReadFailure>;
declare const text: Flow<string, ReadFailure>;
declare const frames: Flow<{ readonly body: Buffer }, ReadFailure>;
declare const plain: Observable<number>;
declare const untyped: Flow<any>;
declare const some: Strategy;

// ---- what drops values adds nothing; what fails adds BufferOverflow
expectType<Flow<string, ReadFailure>>(text.pipe(paced(latest())));
expectType<Flow<string, ReadFailure>>(text.pipe(paced(drop())));
expectType<Flow<string, ReadFailure>>(text.pipe(paced(sample(100))));
expectType<Flow<string, ReadFailure>>(text.pipe(paced(buffer({ limit: 10, overflow: 'drop-oldest' }))));
expectType<Flow<string, ReadFailure>>(text.pipe(paced(buffer({ limitBytes: 10, overflow: 'drop-newest' }))));
expectType<Flow<string, ReadFailure | BufferOverflow>>(text.pipe(paced(buffer({ limit: 10, overflow: 'fail' }))));
expectType<Flow<string, ReadFailure | BufferOverflow>>(text.pipe(paced(some)));
expectType<Observable<number>>(plain.pipe(paced(latest())));
expectType<Flow<any>>(untyped.pipe(paced(latest())));
// Messages that have bytes in them are messages.
expectType<Flow<{ readonly body: Buffer }, ReadFailure>>(frames.pipe(paced(latest())));

// ---- further down a pipe
expectType<Flow<number, ReadFailure>>(
  text.pipe(
    paced(latest(), { onDropped: (line, count) => void (line.length + count) }),
    map((line) => line.length),
  ),
);
bytes.pipe(lines(), paced(drop()));

// ---- bytes
bytes.pipe(paced(buffer({ limitBytes: 1_000_000, overflow: 'fail' })));
chunks.pipe(paced(buffer({ limit: 10, overflow: 'fail' })));
expectError(bytes.pipe(paced(latest())));
expectError(bytes.pipe(paced(drop())));
expectError(bytes.pipe(paced(sample(100))));
expectError(bytes.pipe(paced(buffer({ limit: 10, overflow: 'drop-oldest' }))));
expectError(bytes.pipe(paced(buffer({ limit: 10, overflow: 'drop-newest' }))));
expectError(bytes.pipe(paced(some)));
expectError(views.pipe(paced(latest())));
// Some of it is bytes.
expectError(chunks.pipe(paced(latest())));
expectError(
  bytes.pipe(
    map((chunk) => chunk.subarray(1)),
    paced(latest()),
  ),
);

// ---- wrong options
expectError(buffer({ limit: 10 }));
expectError(buffer({ overflow: 'fail' }));
expectError(buffer({ limit: 10, overflow: 'dropOldest' }));
expectError(text.pipe(paced(buffer({ limit: 10, overflow: 'fail' }), { onDropped: () => {} })));
expectError(text.pipe(paced('latest')));

// ---- rateLimit
expectType<Flow<Buffer, ReadFailure | BufferOverflow>>(bytes.pipe(rateLimit({ bytesPerSecond: 1_000 })));
expectType<Flow<Buffer, ReadFailure | BufferOverflow>>(text.pipe(rateLimit({ bytesPerSecond: 1_000, burst: 10 })));
expectType<Flow<string, ReadFailure | BufferOverflow>>(text.pipe(rateLimit({ messagesPerSecond: 10 })));
expectType<Flow<{ readonly body: Buffer }, ReadFailure | BufferOverflow>>(
  frames.pipe(rateLimit({ messagesPerSecond: 10 })),
);
expectError(frames.pipe(rateLimit({ bytesPerSecond: 1_000 })));
expectError(text.pipe(rateLimit({ bytesPerSecond: 1_000, messagesPerSecond: 10 })));
expectError(text.pipe(rateLimit({ burst: 10 })));
