import { formatAddress } from '../core/endpoint.ts';
import type { Host } from './host.ts';
import type { SimulatedLink } from './link.ts';

const TITLES = ['host', 'state', 'local', 'remote', 'recv-q', 'send-q', 'window'];

/**
 * Who listens, who is connected to whom, and who holds what, a line each. `recv-q`: bytes that have arrived and that the program
 * has not taken; of a listener, handshakes under way. `send-q`: bytes that the system has taken and not sent; of a listener, its
 * backlog. `window`: bytes that the peer has room for.
 */
export function netstat(hosts: readonly Host[]): string {
  const rows = hosts.flatMap((host) => [
    ...host
      .allListeners()
      .map(({ address, embryos, backlog }) => [host.name, 'LISTEN', formatAddress(address), '', embryos, backlog, '']),
    ...host
      .allLinks()
      .map((link) => [
        host.name,
        stateOf(link),
        formatAddress(link.local),
        formatAddress(link.remote),
        link.unread,
        link.out.unsent,
        link.out.window,
      ]),
    ...host
      .allClosing()
      .map(({ local, remote }) => [host.name, 'TIME-WAIT', formatAddress(local), formatAddress(remote), '', '', '']),
  ]);
  const lines = [TITLES, ...rows.map((row) => row.map(String))];
  const widths = TITLES.map((_title, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column < 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The names of RFC 9293, section 3.3.2. */
function stateOf(link: SimulatedLink): string {
  if (link.state === 'dialling') return 'SYN-SENT';
  if (link.state === 'handshake') return 'SYN-RECEIVED';
  if (link.state === 'closed') return 'CLOSED';
  if (link.hasEnded) return link.hasSeenEnd ? 'LAST-ACK' : 'FIN-WAIT';
  return link.hasSeenEnd ? 'CLOSE-WAIT' : 'ESTABLISHED';
}
