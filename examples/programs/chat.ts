// A chat with rooms: `npm start -- chat`, then `nc localhost 8124` in two terminals.
import {
  catchFailure,
  type Connection,
  type Flow,
  idleTimeout,
  lines,
  type NetFailure,
  rateLimit,
  serve,
} from 'rxjs-net';
import { defer, finalize, map, merge, mergeMap, of, Subject, takeWhile } from 'rxjs-net/rx';

import { readOptions, runServer, stopped } from './program.ts';

/**
 * A person who is connected. The inbox carries what others say; a connection without room pauses
 * the one who says it.
 */
interface Member {
  name: string;
  room: string;
  readonly inbox: Subject<string>;
}

const LOBBY = 'lobby';
const HELP = '/name <you>  /join <room>  /who  /rooms  /quit';
const isName = (text: string): boolean => /^[\w-]{1,20}$/.test(text);

/** Everybody in the chat, and what they can do. A room is where somebody is: an empty one is gone. */
const makeChat = () => {
  const members = new Set<Member>();
  let guests = 0;

  const inRoom = (room: string): Member[] => [...members].filter((member) => member.room === room);

  const namesIn = (room: string): string =>
    inRoom(room)
      .map(({ name }) => name)
      .join(', ');

  const say = (room: string, text: string, except?: Member): void => {
    for (const member of inRoom(room)) if (member !== except) member.inbox.next(text);
  };

  const enter = (): Member => {
    const member: Member = { name: `guest-${++guests}`, room: LOBBY, inbox: new Subject() };
    members.add(member);
    say(LOBBY, `* ${member.name} has come in`, member);
    return member;
  };

  const leave = (member: Member): void => {
    members.delete(member);
    say(member.room, `* ${member.name} has gone`);
    member.inbox.complete();
  };

  const rename = (member: Member, name: string): string => {
    if (!isName(name)) return `! a name has 1 to 20 letters, digits, _ or -, not "${name}"`;
    if ([...members].some((other) => other.name === name)) return `! somebody is called ${name} already`;
    say(member.room, `* ${member.name} is now called ${name}`, member);
    member.name = name;
    return `* you are ${name}`;
  };

  const join = (member: Member, room: string): string => {
    if (!isName(room)) return `! a room's name has 1 to 20 letters, digits, _ or -, not "${room}"`;
    say(member.room, `* ${member.name} has left for ${room}`, member);
    member.room = room;
    say(room, `* ${member.name} has come in`, member);
    return `* you are in ${room} with ${inRoom(room).length - 1} others`;
  };

  /** What a line does, and what its sender is told of it. */
  const obey = (member: Member, line: string): readonly string[] => {
    const [command = '', argument = ''] = line.split(' ');
    if (command === '/name') return [rename(member, argument)];
    if (command === '/join') return [join(member, argument)];
    if (command === '/who') return [`* ${namesIn(member.room)}`];
    if (command === '/rooms') return [`* ${[...new Set([...members].map(({ room }) => room))].join(', ')}`];
    if (command.startsWith('/')) return [`! there is no ${command}: ${HELP}`];
    if (line !== '') say(member.room, `${member.name}: ${line}`, member);
    return [];
  };

  return (connection: Connection): Flow<string, NetFailure> =>
    defer(() => {
      const member = enter();
      const said = connection.incoming.pipe(
        lines({ maxLength: 500 }),
        idleTimeout(600_000),
        // Who floods the room is made to wait, in their own kernel.
        rateLimit({ messagesPerSecond: 10, burst: 20 }),
        takeWhile((line) => line !== '/quit'),
        mergeMap((line) => obey(member, line)),
        catchFailure('FrameTooLarge', ({ limit }) => of(`! at most ${limit} bytes a line`)),
        finalize(() => leave(member)),
      );
      return merge(of(`* hello ${member.name}, you are in ${LOBBY}. ${HELP}`), member.inbox, said).pipe(
        map((line) => `${line}\n`),
      );
    });
};

const { options } = readOptions('chat [--port 8124] [--host 127.0.0.1]', { port: '8124', host: '127.0.0.1' });
// A member who reads nothing pauses those who speak, once its buffers are full, and is disconnected
// after `writeTimeout`.
const limits = { maxConnections: 1_000, writeTimeout: 5_000, drainTimeout: 1_000 };
await runServer(serve({ ...options, port: Number(options.port), ...limits, shutdown: stopped }, makeChat()));
