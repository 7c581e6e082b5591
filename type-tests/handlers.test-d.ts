// What handlers may return, and where one text is no list.
import {
  answerWith,
  catchAll,
  catchFailure,
  catchFailures,
  type Channel,
  type Chunk,
  type Connection,
  type Flow,
  type FrameTooLarge,
  lengthPrefixed,
  lines,
  type ListenFailure,
  pool,
  type ReadFailure,
  serve,
  type ServeEvent,
  serveFramed,
  type WriteFailure,
} from 'rxjs-net';
import { from, of } from 'rxjs-net/rx';
import { expectAssignable, expectError, expectType } from 'tsd';

declare const connection: Connection;
declare const text: Channel<string, string, FrameTooLarge>;
declare const bytes: Channel<Buffer, Chunk, FrameTooLarge>;
declare const read: Flow<string, ReadFailure>;
declare const either: string | string[];
const options = { port: 1 };

// ---- handlers of serve
expectType<Flow<ServeEvent<ReadFailure>, ListenFailure>>(serve(options, ({ incoming }) => incoming));
expectType<Flow<ServeEvent<never>, ListenFailure>>(serve(options, () => ['one', Buffer.from('two')]));
expectType<Flow<ServeEvent<never>, ListenFailure>>(
  serve(options, function* handler() {
    yield 'one';
  }),
);
expectType<Flow<ServeEvent<never>, ListenFailure>>(serve(options, () => undefined));
expectType<Flow<ServeEvent<never>, ListenFailure>>(serve(options, (each) => each.end('bye')));
expectType<Flow<ServeEvent<never>, ListenFailure>>(serve(options, (each) => void each.write('hello')));
expectType<Flow<ServeEvent<never>, ListenFailure>>(
  serve(options, (each) => {
    each.incoming.subscribe((chunk) => each.write(chunk));
  }),
);
expectType<Flow<ServeEvent<never>, ListenFailure>>(
  serve(options, async (each) => {
    each.write('hello');
  }),
);
expectType<Flow<ServeEvent<never>, ListenFailure>>(serve(options, async () => 'one chunk'));
expectType<Flow<ServeEvent<ReadFailure>, ListenFailure>>(
  serve(options, (each) => (each.bytesQueued > 0 ? undefined : each.incoming)),
);
expectError(serve(options, () => 'hello'));
expectError(serve(options, () => Buffer.from('hello')));
expectError(serve(options, () => (connection.bytesQueued > 0 ? 'hello' : ['hello'])));
expectError(serve(options, () => 5));
expectError(serve(options, (each) => each.write('hello')));
expectError(serve(options, ({ incoming }) => incoming.subscribe()));
expectError(serve(options, async () => 5));
expectError(serve({ port: 1, shutdown: 'now' }, () => []));

// ---- handlers of serveFramed
expectAssignable<Flow<ServeEvent<ReadFailure | FrameTooLarge>, ListenFailure>>(
  serveFramed(options, lines(), ({ incoming }) => incoming),
);
serveFramed(options, lines(), (channel) => {
  channel.write('hello');
});
serveFramed(options, lines(), async (channel) => void channel.write('hello'));
serveFramed(options, lines(), () => ['hello']);
expectError(serveFramed(options, lines(), () => 'hello'));
expectError(serveFramed(options, lengthPrefixed({ bytes: 4 }), () => Buffer.from('hello')));

// ---- one text is one chunk for a connection, and no list for a channel
expectType<Flow<never, WriteFailure>>(connection.send('text'));
expectType<Flow<never, WriteFailure>>(connection.send(Buffer.from('bytes')));
expectType<Flow<never, WriteFailure>>(connection.send(either));
expectType<Flow<never, WriteFailure | ReadFailure>>(text.send(read));
expectType<Flow<never, WriteFailure>>(text.send(['QUIT']));
expectType<Flow<never, WriteFailure>>(text.send(of('QUIT')));
expectType<Flow<never, WriteFailure>>(bytes.send(['QUIT', Buffer.from('x')]));
expectError(text.send('QUIT'));
expectError(text.send(either));
expectError(bytes.send('QUIT'));
expectError(bytes.send(Buffer.from('QUIT')));

// ---- nor elsewhere
expectError(read.pipe(catchAll(() => 'text')));
expectError(read.pipe(catchFailure('ConnectionReset', () => 'text')));
expectError(read.pipe(catchFailures({ ConnectionReset: () => 'text' })));
read.pipe(catchAll(() => ['text']));
expectError(from(['question']).pipe(answerWith(() => 'answer')));
from(['question']).pipe(answerWith(async () => 'answer'));
expectError(pool(options).use(() => 'text'));
pool(options).use(() => ['text']);
expectError(pool(options, { check: () => 'PING' }));
