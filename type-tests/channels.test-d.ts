// Channels, and requests and answers over them.
import { map, type Observable, of } from 'rxjs-net/rx';
import {
  type AlreadySubscribed,
  answerWith,
  type BufferOverflow,
  type Channel,
  type Connection,
  type ConnectionReset,
  type DeadlineExceeded,
  type DecodeFailed,
  type Defect,
  type Flow,
  framed,
  type FrameTooLarge,
  type FrameTruncated,
  type Framing,
  lines,
  type ListenFailure,
  type PossiblyDelivered,
  type ReadFailure,
  rpc,
  type Rpc,
  sendTo,
  serveFramed,
  type ServeEvent,
  type WriteFailure,
} from 'rxjs-net';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';

declare const connection: Connection;

interface Question {
  readonly id: number;
  readonly ask: string;
}
interface Answer {
  readonly id: number;
  readonly say: string;
}
/** Plain, and one that validates messages both ways. */
declare const plain: Framing<Answer, Question, FrameTooLarge | FrameTruncated>;
declare const validated: Framing<Answer, Question>;
declare const questions: Framing<Question, Answer, FrameTooLarge>;

// ---- a channel has the framing's types

const text = framed(connection, lines());
expectType<Channel<string, string, FrameTooLarge>>(text);
expectType<Flow<string, ReadFailure | FrameTooLarge>>(text.incoming);
expectType<boolean>(text.write('a line'));
expectError(text.write(7));
expectError(text.end(7));

const channel = framed(connection, plain);
expectType<Flow<Answer, ReadFailure | FrameTooLarge | FrameTruncated>>(channel.incoming);
expectError(channel.write({ id: 1, say: 'the wrong way round' }));

// ---- sending adds what encoding can fail with, and the source's failures

declare const asked: Flow<Question, ConnectionReset>;
expectType<Flow<never, ConnectionReset | WriteFailure>>(channel.send(asked));
expectType<Flow<never, WriteFailure>>(channel.send([{ id: 1, ask: 'why' }]));
expectType<Flow<never, WriteFailure | DecodeFailed>>(framed(connection, validated).send([{ id: 1, ask: 'why' }]));
expectType<Flow<never, ConnectionReset | WriteFailure>>(asked.pipe(sendTo(channel)));
expectType<Flow<never, ConnectionReset | WriteFailure | DecodeFailed>>(
  asked.pipe(sendTo(framed(connection, validated))),
);
expectError(channel.send(['text']));
expectError(of('text').pipe(sendTo(channel)));
// Bytes still go to a connection.
expectType<Flow<never, ReadFailure | WriteFailure>>(connection.incoming.pipe(sendTo(connection)));
expectError(connection.incoming.pipe(sendTo(channel)));

// ---- serveFramed: messages in, messages out

expectType<Flow<ServeEvent<ReadFailure | FrameTooLarge>, ListenFailure>>(
  serveFramed({ port: 0 }, lines(), ({ incoming }) => incoming.pipe(map((line) => line.toUpperCase()))),
);
expectError(serveFramed({ port: 0 }, lines(), ({ incoming }) => incoming.pipe(map((line) => line.length))));
expectError(serveFramed({ port: 0 }, questions, ({ incoming }) => incoming));

// ---- requests by order

type Asking = AlreadySubscribed | PossiblyDelivered | WriteFailure;

expectType<Flow<string, Asking>>(rpc(text).request('what'));
expectType<Flow<string, Asking>>(rpc(text, { maxInFlight: 5 }).request('what'));
expectType<Flow<string, Asking | DeadlineExceeded>>(rpc(text, { deadline: 5 }).request('what'));
expectType<Flow<string, Asking | DeadlineExceeded>>(rpc(text).request('what', { deadline: 5 }));
declare const signal: AbortSignal;
expectType<Flow<string, Asking>>(rpc(text).request('what', { signal }));
expectType<Flow<Answer, Asking | DecodeFailed>>(rpc(framed(connection, validated)).request({ id: 1, ask: 'why' }));
declare const perhaps: { readonly deadline?: number };
expectType<Flow<string, Asking | DeadlineExceeded>>(rpc(text, perhaps).request('what'));
expectError(rpc(text).request(7));
expectError(rpc(text, { part: () => 'final' }));
expectError(rpc(text, { deadlines: 5 }));
expectError(rpc(text, { maxInFlight: 5, deadlines: 5 }));
expectError(rpc(text, { maxInFlight: 5, idOf: () => 5 }));
expectError(rpc(text, { whenBehind: 'drop' }));

// ---- and by id: the request is what `assign` takes

const client = rpc(channel, { assign: (ask: string, id) => ({ id, ask }), idOf: (answer) => answer.id });
expectType<Rpc<string, Answer, Asking>>(client);
expectType<Flow<Answer, Asking>>(client.request('why'));
expectError(client.request({ id: 1, ask: 'why' }));
expectType<Flow<Answer, Asking | DeadlineExceeded>>(
  rpc(channel, { assign: (ask: string, id) => ({ id, ask }), idOf: ({ id }) => id, deadline: 5 }).request('why'),
);
expectError(rpc(channel, { assign: (ask: string, id) => ({ id, say: ask }), idOf: (answer) => answer.id }));
expectError(rpc(channel, { assign: (ask: string, id) => ({ id, ask }), idOf: (answer) => answer.say }));
expectError(rpc(channel, { assign: (ask: string, id: number) => ({ id, ask }) }));

expectError(
  rpc(channel, { assign: (ask: string, id: number) => ({ id, ask }), idOf: (answer: Answer) => answer.id, largest: 5 }),
);
expectError(rpc(channel, { assign: (ask: string, id: number) => ({ id, ask }), maxInFlight: 5 }));

// ---- answering

declare const incoming: Flow<Question, ReadFailure>;
declare const looked: Flow<string, ConnectionReset>;

expectType<Flow<string, ReadFailure | BufferOverflow>>(incoming.pipe(answerWith(({ ask }) => [ask])));
expectType<Flow<number, ReadFailure | BufferOverflow>>(incoming.pipe(answerWith(async ({ id }) => id)));
expectType<Flow<string, ReadFailure | BufferOverflow>>(incoming.pipe(answerWith(() => looked)));
expectType<Flow<string | null, ReadFailure | BufferOverflow>>(
  incoming.pipe(
    answerWith(() => looked, {
      failed: (failure, question) => {
        expectType<ConnectionReset | Defect>(failure);
        expectType<Question>(question);
        return null;
      },
    }),
  ),
);
declare const own: Flow<string, OwnFailure>;
interface OwnFailure {
  readonly _tag: 'OwnFailure';
}
expectType<Flow<string, ReadFailure | OwnFailure | BufferOverflow>>(incoming.pipe(answerWith(() => own)));
expectType<Flow<string, ReadFailure | BufferOverflow>>(incoming.pipe(answerWith(() => own, { failed: () => 'sorry' })));
const assigned = incoming.pipe(answerWith(() => own, { idOf: ({ id }) => id, assign: (say, id) => ({ id, say }) }));
expectType<Flow<{ id: number; say: string }, ReadFailure | OwnFailure | BufferOverflow>>(assigned);
const ended = incoming.pipe(
  answerWith(() => own, {
    idOf: ({ id }) => id,
    assign: (say, id) => ({ id, say }),
    end: () => 'end' as const,
    failed: () => 'failed' as const,
  }),
);
expectType<Flow<{ id: number; say: string } | 'end' | 'failed', ReadFailure | BufferOverflow>>(ended);
expectError(incoming.pipe(answerWith(() => 7)));
expectError(incoming.pipe(answerWith(() => own, { idOf: ({ id }: Question) => id })));

// ---- and both ends together

expectAssignable<Observable<unknown>>(
  serveFramed({ port: 0 }, questions, ({ incoming: all }) =>
    all.pipe(
      answerWith(({ ask }) => [ask.length], { idOf: ({ id }) => id, assign: (size, id) => ({ id, say: `${size}` }) }),
    ),
  ),
);
expectNotAssignable<Channel<string, string, never>>(text);
