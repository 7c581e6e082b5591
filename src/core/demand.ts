/**
 * Something that emits and can be made to wait: a connection's incoming bytes, a framing operator
 * with messages left in a chunk, `mapAsync` with results at hand.
 */
export interface Upstream {
  /** What is being delivered right now; lets a consumer see whether a value is the upstream's own or was made from it. */
  readonly emitting: unknown;
  /**
   * Makes it stop emitting; what comes on is kept where it is (in the socket, in a chunk).
   * Holds are counted: it goes on when every hold has been released.
   *
   * @returns the release; calling it again does nothing.
   */
  hold(): () => void;
  /**
   * Takes back the last bytes it emitted, which the caller took and did not use, so that the next
   * subscriber starts there. Only a source of bytes has it.
   */
  unread?(bytes: Uint8Array): void;
  /**
   * The source was completed by our own side (a drain), not by the peer: an unfinished frame is to be given back, not
   * emitted.
   */
  readonly endedEarly?: boolean;
}

/** Who is given values: an RxJS subscriber is one. */
interface Receiver<T> {
  next(value: T): void;
}

/** Something that collects writes while a chunk is delivered, and sends them as one when the delivery returns. */
export interface Flushable {
  flush(): void;
}

let current: Upstream | null = null;
/** How many deliveries of leaves are on the stack; more than one only when they nest. */
let leafDeliveries = 0;
// One slot before a list: nearly always one connection is written to in one delivery.
let dirty: Flushable | null = null;
const moreDirty: Flushable[] = [];

/**
 * The upstream whose value is being delivered at this moment, on this stack; `null` when what is being
 * delivered can't be paused (a timer, a plain Subject), or nothing is.
 *
 * Whoever can't keep up asks for it inside `next`, calls `hold()`, and calls the release when there is room.
 *
 * @example
 * ```ts
 * import { currentUpstream } from 'rxjs-net';
 *
 * console.log(currentUpstream()); // => null
 * ```
 */
export function currentUpstream(): Upstream | null {
  return current;
}

/**
 * Begins to emit on behalf of `upstream`, for whoever emits several values in one go; pass what it returns to `leaveUpstream`,
 * in a `finally`.
 */
export function enterUpstream(upstream: Upstream): Upstream | null {
  const outer = current;
  current = upstream;
  return outer;
}

/** Ends what `enterUpstream` began. */
export function leaveUpstream(outer: Upstream | null): void {
  current = outer;
}

/** Delivers a value with `upstream` as the one that can be held. For operators that emit on their own account. */
export function deliver<T>(upstream: Upstream, subscriber: Receiver<T>, value: T): void {
  const outer = current;
  current = upstream;
  try {
    subscriber.next(value);
  } finally {
    current = outer;
  }
}

/** As `deliver`, for a leaf: what was written during the delivery is flushed when the outermost one returns. */
export function deliverLeaf<T>(upstream: Upstream, subscriber: Receiver<T>, value: T): void {
  const outer = enterLeaf(upstream);
  try {
    subscriber.next(value);
  } finally {
    leaveLeaf(outer);
  }
}

/** Begins a delivery of a leaf that has no subscriber, as of a stream's `'data'`; pass what it returns to `leaveLeaf`, in a `finally`. */
export function enterLeaf(upstream: Upstream): Upstream | null {
  const outer = current;
  current = upstream;
  leafDeliveries++;
  return outer;
}

/** Ends what `enterLeaf` began. */
export function leaveLeaf(outer: Upstream | null): void {
  current = outer;
  leafDeliveries--;
  if (leafDeliveries === 0 && dirty !== null) flushDirty();
}

/** Runs `action` with no upstream to hold: for what is not caused by the value being delivered. */
export function withoutUpstream(action: () => void): void {
  const outer = current;
  current = null;
  try {
    action();
  } finally {
    current = outer;
  }
}

function flushDirty(): void {
  const first = dirty;
  dirty = null;
  first?.flush();
  if (moreDirty.length > 0) for (const each of moreDirty.splice(0)) each.flush();
}

/**
 * Asks that `target.flush()` is called once: when the leaf's delivery that is on the stack returns, else on the next tick.
 * The caller sees to it that it asks once only.
 */
export function flushSoon(target: Flushable): void {
  if (leafDeliveries === 0) process.nextTick(flushNow, target);
  else if (dirty === null) dirty = target;
  else moreDirty.push(target);
}

function flushNow(target: Flushable): void {
  target.flush();
}
