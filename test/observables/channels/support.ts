import type { Carrier } from '../../../src/observables/flow.ts';
import { Observable, type ObservableInput } from '../../../src/rx.ts';
import { onTestFinished } from 'vitest';

import {
  type Channel,
  DecodeFailed,
  type FrameTooLarge,
  framed,
  type Framing,
  lines,
  type Op,
  type ServeEvent,
  serveFramed,
  type ServeOptions,
} from '../../../src/index.ts';
import { type FakeConnection, fakeConnection } from '../support/fake-link.ts';
import { dialled, type Place, placeOf } from '../support/sockets.ts';
import { next } from '../support/wait.ts';

/** One JSON text a line, made by hand of `lines`: a framing with messages that are no text. */
export function jsonText<In, Out = In>(): Framing<In, Out, FrameTooLarge | DecodeFailed> {
  const text = lines();
  const decode: Op<Uint8Array, In, FrameTooLarge | DecodeFailed> = (source) =>
    new Observable<In>((subscriber) =>
      text.decode(source).subscribe({
        next: (line) => {
          let message: In;
          try {
            message = JSON.parse(line) as In;
          } catch (cause) {
            subscriber.error(new DecodeFailed({ cause }));
            return;
          }
          subscriber.next(message);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  const encode = (message: Out): string => text.encode(JSON.stringify(message)) as string;
  const decoder = (): never => {
    throw new Error('not for framings that are made of others');
  };
  return Object.assign((source: Observable<Uint8Array> & Carrier) => decode(source), {
    decode,
    encode,
    decoder,
    maxLength: text.maxLength,
  });
}

/** What goes over the wire in most tests. */
export interface Message {
  readonly id?: number;
  readonly text?: string;
  readonly part?: 'more' | 'last' | 'end';
}

export type MessageChannel = Channel<Message, Message, FrameTooLarge | DecodeFailed>;

/** A channel over a link that is worked by hand. */
export interface FakeChannel extends FakeConnection {
  readonly channel: MessageChannel;
  /** What has left, as messages. */
  readonly sent: () => Message[];
  /** A message from the peer; several come in one chunk. */
  readonly answer: (...messages: Message[]) => void;
}

export async function fakeChannel(options: Parameters<typeof fakeConnection>[0] = {}): Promise<FakeChannel> {
  const fake = await fakeConnection(options);
  return {
    ...fake,
    channel: framed(fake.connection, jsonText<Message>()),
    sent: () =>
      fake.link.received
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Message),
    answer: (...messages) => fake.link.deliver(messages.map((message) => `${JSON.stringify(message)}\n`).join('')),
  };
}

/** A server of messages that runs until the test has finished. */
export interface ServingMessages {
  readonly place: Place;
  readonly log: ServeEvent[];
}

export async function servingMessages(
  handler: (channel: MessageChannel) => ObservableInput<Message>,
  options: Partial<ServeOptions> = {},
): Promise<ServingMessages> {
  const log: ServeEvent[] = [];
  const flow = serveFramed({ host: '127.0.0.1', port: 0, ...options } as ServeOptions, jsonText<Message>(), handler);
  const events = new Observable<ServeEvent>((subscriber) => {
    const subscription = flow.subscribe({
      next: (event) => {
        log.push(event);
        subscriber.next(event);
      },
      error: (error: unknown) => subscriber.error(error),
    });
    onTestFinished(() => subscription.unsubscribe());
  });
  const listening = await next(events, 'listening');
  if (listening.type !== 'listening') throw new Error(`${listening.type} came before listening`);
  return { place: placeOf(listening.address), log };
}

/** A client of such a server. */
export async function client(place: Place): Promise<MessageChannel> {
  return framed(await dialled(place), jsonText<Message>());
}
