import type { LiveConnection } from './live-connection.ts';

/** Whether a connection feeds the subscription, is sent to by it, or is dialled by it. */
export type LeafRole = 'source' | 'sink' | 'dial';

/** Told of each connection that a subscription dials, or whose bytes, in or out, it reaches. */
export interface LeafCollector {
  found(connection: LiveConnection, role: LeafRole): void;
}

/** The collectors of the subscriptions on the stack, innermost first: each limit in a pipe has its own. */
interface Collecting {
  readonly collector: LeafCollector;
  readonly outer: Collecting | undefined;
}

let collecting: Collecting | undefined;

/**
 * Subscribes by `subscribe` and tells `collector` of the connections that this reaches.
 *
 * As with demand, subscribing is synchronous, so one variable is enough to let a time limit further down
 * a pipe know the connection it is about.
 */
export function collectLeaves<T>(collector: LeafCollector, subscribe: () => T): T {
  const outer = collecting;
  collecting = { collector, outer };
  try {
    return subscribe();
  } finally {
    collecting = outer;
  }
}

/** Subscribes by `subscribe` without a word to any collector: what this reaches is not for this subscription alone. */
export function withoutLeaves<T>(subscribe: () => T): T {
  const outer = collecting;
  collecting = undefined;
  try {
    return subscribe();
  } finally {
    collecting = outer;
  }
}

/** A connection is being subscribed to, sent to, or dialled. */
export function announceLeaf(connection: LiveConnection, role: LeafRole): void {
  for (let each = collecting; each !== undefined; each = each.outer) each.collector.found(connection, role);
}
