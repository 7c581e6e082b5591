// Framings: what they read, what they write, and what each adds to the failures.
import { type Observable, toArray } from 'rxjs';
import {
  type Connection,
  type Decoder,
  type Flow,
  type Frame,
  type FrameTooLarge,
  type FrameTruncated,
  type Framing,
  lines,
  type Op,
  type ReadFailure,
} from 'rxjs-net';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';

declare const connection: Connection;

// ---- lines

expectType<Framing<string, string, FrameTooLarge>>(lines());
expectType<Framing<string, string, FrameTooLarge>>(lines({ terminator: '\r\n' }));
expectType<Framing<string, string, FrameTooLarge | FrameTruncated>>(lines({ requireTerminator: true }));
expectAssignable<Op<Uint8Array, string, FrameTooLarge>>(lines());
expectType<Frame>(lines().encode('a'));
expectType<Decoder<string>>(lines().decoder());
expectType<Flow<string, ReadFailure | FrameTooLarge>>(connection.incoming.pipe(lines()));
expectType<Flow<string, ReadFailure | FrameTooLarge>>(connection.incoming.pipe(lines().decode));
expectType<Flow<string[], ReadFailure | FrameTooLarge>>(connection.incoming.pipe(lines(), toArray()));
expectError(lines({ terminator: '\r' }));
expectError(lines().encode(Buffer.from('a')));
expectError((lines().maxLength = 5));

// ---- a framing in general

const decoded = <In, Out, X>(framing: Framing<In, Out, X>): Flow<In, ReadFailure | X> =>
  connection.incoming.pipe(framing);
expectType<Flow<string, ReadFailure | FrameTooLarge>>(decoded(lines()));
// One that reads less than is asked for, or writes more, is another; one that adds fewer failures will do.
expectAssignable<Framing<string | number, string, FrameTooLarge>>(lines());
expectNotAssignable<Framing<number, string, FrameTooLarge>>(lines());
expectNotAssignable<Framing<string, string | number, FrameTooLarge>>(lines());
expectAssignable<Framing<string, string, FrameTooLarge | FrameTruncated>>(lines());
expectNotAssignable<Framing<string>>((source: Observable<Uint8Array>) => lines()(source));
