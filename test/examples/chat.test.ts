// The chat with rooms, as its users see it: by a terminal that knows nothing but lines.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type Program, run } from './program.ts';

/** A terminal: what it shows can be waited for. */
class Terminal implements Disposable {
  private readonly socket: Socket;
  private shown = '';
  private look = (): void => {};

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').setEncoding('utf8');
    this.socket.on('data', (text: string) => {
      this.shown += text;
      this.look();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => this.look());
  }

  type(line: string): void {
    this.socket.write(`${line}\n`);
  }

  /** Until that line is shown; what was shown before it counts no more. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = new RegExp(`${pattern.source}.*\n`).exec(this.shown);
      if (match !== null) {
        this.shown = this.shown.slice(match.index + match[0].length);
        return match;
      }
      if (this.socket.closed) throw new Error(`closed without showing ${pattern}: ${this.shown}`);
      await new Promise<void>((resolve) => (this.look = resolve));
    }
  }

  get closed(): Promise<unknown> {
    return this.socket.closed ? Promise.resolve() : once(this.socket, 'close');
  }

  get text(): string {
    return this.shown;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

describe('chat', () => {
  let program: Program;
  let port: number;
  beforeEach(async () => {
    program = run(['--port', '0'], { program: 'programs/chat' });
    port = Number((await program.prints(/^listening on 127\.0\.0\.1:(\d+)$/m))[1]);
  });
  afterEach(() => program[Symbol.asyncDispose]());

  test('what is said is heard in the same room, and in no other', async () => {
    using ada = new Terminal(port);
    await ada.shows(/\* hello guest-1, you are in lobby/);
    using bob = new Terminal(port);
    await bob.shows(/\* hello guest-2/);
    await ada.shows(/\* guest-2 has come in/);
    ada.type('/name ada');
    await ada.shows(/\* you are ada/);
    await bob.shows(/\* guest-1 is now called ada/);
    bob.type('grüße');
    await ada.shows(/guest-2: grüße/);
    ada.type('/join tea');
    await ada.shows(/\* you are in tea with 0 others/);
    await bob.shows(/\* ada has left for tea/);
    bob.type('anybody here?');
    bob.type('/who');
    await bob.shows(/\* guest-2(?=\n)/);
    bob.type('/join tea');
    await ada.shows(/\* guest-2 has come in/);
    bob.type('/rooms');
    await bob.shows(/\* tea/);
    bob.type('here you are');
    expect((await ada.shows(/guest-2: (.*)/))[1]).toBe('here you are');
  });

  test('names are checked, and taken once', async () => {
    using ada = new Terminal(port);
    using bob = new Terminal(port);
    ada.type('/name ada');
    await ada.shows(/\* you are ada/);
    bob.type('/name ada');
    await bob.shows(/! somebody is called ada already/);
    bob.type('/name a b');
    await bob.shows(/\* you are a(?=\n)/);
    bob.type(`/name ${'x'.repeat(21)}`);
    await bob.shows(/! a name has 1 to 20/);
    bob.type('/nonsense');
    await bob.shows(/! there is no \/nonsense/);
  });

  test('who leaves, and how, is told to the others', async () => {
    using ada = new Terminal(port);
    await ada.shows(/hello/);
    using bob = new Terminal(port);
    await bob.shows(/hello/);
    using carl = new Terminal(port);
    await carl.shows(/hello/);
    ada.type('/quit');
    await ada.closed;
    await bob.shows(/\* guest-1 has gone/);
    carl[Symbol.dispose]();
    await bob.shows(/\* guest-3 has gone/);
  });

  test('a line that is too long ends its sender alone', async () => {
    using ada = new Terminal(port);
    await ada.shows(/hello/);
    using bob = new Terminal(port);
    await bob.shows(/hello/);
    ada.type('x'.repeat(501));
    await ada.shows(/! at most 500 bytes a line/);
    await bob.shows(/\* guest-1 has gone/);
    bob.type('/who');
    await bob.shows(/\* guest-2/);
  });

  test('one who does not read stops nobody', async () => {
    using idler = new Terminal(port);
    await idler.shows(/hello/);
    idler.pause();
    const talkers = Array.from({ length: 20 }, () => new Terminal(port));
    for (const talker of talkers) await talker.shows(/hello/);
    const [first, second] = talkers;
    for (const talker of talkers) for (let round = 0; round < 20; round++) talker.type(`${round} ${'x'.repeat(400)}`);
    await second?.shows(/: 19 x/);
    first?.type('still here');
    await second?.shows(/still here/);
    idler.resume();
    await idler.shows(/still here/);
    for (const talker of talkers) talker[Symbol.dispose]();
  });

  test('it stops at SIGTERM', async () => {
    using ada = new Terminal(port);
    await ada.shows(/hello/);
    program.kill('SIGTERM');
    const { code, stderr } = await program.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await ada.closed;
  });
});

test('wrong arguments', async () => {
  const wrong = await run(['--prot', '1'], { program: 'programs/chat' }).ended;
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/'--prot'.*\nUsage: npm start -- chat/s);
  const badPort = await run(['--port', '70000'], { program: 'programs/chat' }).ended;
  expect(badPort).toMatchObject({ code: 2, stderr: expect.stringMatching(/"port" must be .* got 70000/) });
});
