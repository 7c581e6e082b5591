import { isNetFailure } from '../../../../src/index.ts';
import type { CloseInfo } from '../../../../src/index.ts';
import type { DrainRecord, LedgerRecord, Observations, StreamRecord } from './observations.ts';

/** What holds whatever happens to the network; each sentence that is returned says what doesn't. */
export function violationsOf(seen: Observations): readonly string[] {
  return [
    ...seen.violations,
    ...seen.neverClosed.map((connection) => `${connection} never told its ledger`),
    ...[...seen.ends].flatMap(([name, end]) => endIsTyped(name, end)),
    ...[...seen.requests].flatMap(([name, times]) =>
      times === 1 ? [] : [`the request ${name} settled ${times} times`],
    ),
    ...seen.streams.flatMap((stream) => streamIsWhole(stream, seen)),
    ...seen.ledgers.flatMap(ledgerIsSound),
    ...pairsOf(seen.ledgers).flatMap(([client, server]) => ledgersAgree(client, server, seen)),
    ...seen.drains.flatMap(drainAddsUp),
  ];
}

function endIsTyped(name: string, end: string | undefined): string[] {
  if (end === undefined) return [`${name} never ended`];
  return end.startsWith('defect') ? [`${name} ended in a ${end}`] : [];
}

/** In order and unchanged; and all of it, where both ends say that it went well. */
function streamIsWhole(stream: StreamRecord, seen: Observations): string[] {
  const { name, sender, receiver, isBytes } = stream;
  const between = isBytes ? '' : '\n';
  const sent = stream.sent.join(between);
  const received = stream.received.join(between);
  const found: string[] = [];
  if (isBytes ? !sent.startsWith(received) : !isBeginning(stream.received, stream.sent))
    found.push(`${name}: received ${show(received)}, which is no beginning of what was sent, ${show(sent)}`);
  else if (wentWell(stream, seen) && sent !== received)
    found.push(
      `${name}: both ends say that it went well, and ${stream.received.length} of ${stream.sent.length} arrived`,
    );
  if (receiver !== undefined) found.push(...endIsTyped(`the receiver of ${name}`, receiver));
  if (sender !== undefined) found.push(...endIsTyped(`the sender of ${name}`, sender));
  return found;
}

function isBeginning(received: readonly string[], sent: readonly string[]): boolean {
  return received.length <= sent.length && received.every((item, index) => item === sent[index]);
}

function wentWell({ sender, receiver, over }: StreamRecord, seen: Observations): boolean {
  if (sender !== 'complete' || receiver !== 'complete') return false;
  return over.every((key) => {
    const ledgers = seen.ledgers.filter((ledger) => ledger.key === key);
    return ledgers.length === 2 && !seen.cut.has(key) && ledgers.every(({ info }) => isInOrder(info));
  });
}

function isInOrder({ read, write, failure }: CloseInfo): boolean {
  return read === 'fin' && write === 'fin' && failure === undefined;
}

function ledgerIsSound({ key, side, info }: LedgerRecord): string[] {
  const found: string[] = [];
  const say = (what: string): void => void found.push(`the ledger of ${key} at the ${side}: ${what}`);
  const { bytesRead, bytesWritten, bytesUnflushed, lifetime, failure, read, write } = info;
  if ([bytesRead, bytesWritten, bytesUnflushed, lifetime].some((number) => !(number >= 0)))
    say(`a negative number in ${JSON.stringify(info)}`);
  if (failure !== undefined && !isNetFailure(failure)) say(`failed with ${String(failure)}`);
  if (write === 'fin' && bytesUnflushed > 0) say(`sent its FIN with ${bytesUnflushed} bytes unsent`);
  // A reset and what a limit says has a reason; a destroy() of ours, a cut and a let-go have none.
  if (failure !== undefined && read === 'aborted' && write === 'aborted' && failure._tag !== 'ConnectionAborted')
    say(`aborted with ${failure._tag}`);
  return found;
}

/** Of each connection its two ledgers. Where one port was used again, nobody can tell which belong together. */
function pairsOf(ledgers: readonly LedgerRecord[]): [LedgerRecord, LedgerRecord][] {
  const clients = byKey(ledgers, 'client');
  const servers = byKey(ledgers, 'server');
  return [...clients].flatMap(([key, [client, another]]): [LedgerRecord, LedgerRecord][] => {
    const [server, further] = servers.get(key) ?? [];
    if (client === undefined || server === undefined || another !== undefined || further !== undefined) return [];
    return [[client, server]];
  });
}

function byKey(ledgers: readonly LedgerRecord[], side: LedgerRecord['side']): Map<string, LedgerRecord[]> {
  const found = new Map<string, LedgerRecord[]>();
  for (const ledger of ledgers) {
    if (ledger.side === side) found.set(ledger.key, [...(found.get(ledger.key) ?? []), ledger]);
  }
  return found;
}

function ledgersAgree(client: LedgerRecord, server: LedgerRecord, seen: Observations): string[] {
  const inOrder = isInOrder(client.info) && isInOrder(server.info) && !seen.cut.has(client.key);
  return [
    ...oneWay(`${client.key} to the server`, client.info, server.info, inOrder),
    ...oneWay(`${client.key} to the client`, server.info, client.info, inOrder),
  ];
}

function oneWay(way: string, sender: CloseInfo, receiver: CloseInfo, inOrder: boolean): string[] {
  // Of a write that the system took in part, all is counted as unflushed.
  const most = sender.bytesWritten + sender.bytesUnflushed;
  if (receiver.bytesRead > most)
    return [`${way}: ${receiver.bytesRead} bytes were read of ${most} that were ever written`];
  if (inOrder && receiver.bytesRead !== sender.bytesWritten)
    return [`${way}: both ledgers are in order, ${sender.bytesWritten} were written and ${receiver.bytesRead} read`];
  return [];
}

function drainAddsUp({ open, deadline, report }: DrainRecord): string[] {
  const { finished, cut, unclaimed, duration } = report;
  const found: string[] = [];
  if (finished + cut.length + unclaimed !== open)
    found.push(`a drain of ${open} tells of ${finished} finished, ${cut.length} cut and ${unclaimed} unclaimed`);
  // Times are sums of parts of a millisecond.
  if (duration > deadline + 0.001) found.push(`a drain took ${duration} ms of ${deadline}`);
  if (cut.some(({ bytesPending }) => !(bytesPending >= 0))) found.push('a drain cut negative bytes');
  return found;
}

function show(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 150)} … ${text.slice(-150)}` : text);
}
