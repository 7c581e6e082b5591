import { formatAddress } from '../core/endpoint.ts';
import type { Host } from './host.ts';
import type { SimulatedLink } from './link.ts';

/** Who listens, and who is connected to whom, with the bytes that wait: a line each. */
export function netstat(hosts: readonly Host[]): string {
  const rows = hosts.flatMap((host) => [
    ...host
      .allListeners()
      .map((listener) => [host.name, 'LISTEN', formatAddress(listener.address), '', `${listener.embryos} embryos`]),
    ...host
      .allLinks()
      .map((link) => [
        host.name,
        stateOf(link),
        formatAddress(link.local),
        formatAddress(link.remote),
        `${link.unread} unread, ${link.out.unsent} unsent`,
      ]),
  ]);
  const header = ['host', 'state', 'local', 'remote', 'queues'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
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
