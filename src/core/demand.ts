/**
 * A source that emits and can be paused: the incoming bytes of a connection, a framing operator
 * with messages left in a chunk, `mapAsync` with buffered results.
 */
export interface Upstream {
  /**
   * The value in delivery; a consumer compares it with what it got, to see whether that is the
   * upstream's own.
   */
  readonly emitting: unknown;
  /**
   * Pauses it; what comes on is kept where it is (in the socket, in a chunk). Holds are counted: it
   * resumes when every hold has been released.
   *
   * @param holder - what pauses it. A holder that is named here can be named in a warning, and is taken into account where
   * another operator would pause what this one waits for.
   * @returns the release; calling it again does nothing.
   */
  hold(holder?: Holder): () => void;
  /**
   * Pauses it behind the values that it has in memory already, where these are few, such as a short
   * array; a consumer that has room for them saves itself to stop in the middle. Absent where
   * nothing is known of what follows.
   *
   * @param room - how many values the consumer has room for, and how many bytes.
   * @returns the release, or undefined where there are more: `hold` pauses it at once.
   */
  holdAfterBurst?(holder: Holder, room: Room): (() => void) | undefined;
  /**
   * Takes back the last bytes it emitted, which the caller took and did not use, so that the next
   * subscriber starts there. Only a source of bytes has it.
   */
  unread?(bytes: Uint8Array): void;
  /**
   * True when our own side (a drain) completed the source, not the peer: an unfinished frame is to
   * be given back, not emitted.
   */
  readonly endedEarly?: boolean;
  /**
   * True where it drops values while it is paused. An operator pauses it as soon as it is busy, and
   * not at its high-water mark: what would wait in a queue is old when its turn comes.
   */
  readonly dropsWhilePaused?: boolean;
  /** Its own source, where a hold of this one pauses that too. */
  readonly pauses?: Upstream | null;
  /**
   * Reports each upstream that has to deliver before this one can emit more, until one report
   * returns true.
   */
  needs?(waits: Waits): boolean;
  /**
   * Passes each of its present holders that gave its name to `visit`, until one call returns true.
   */
  heldBy?(visit: (holder: Holder) => boolean): boolean;
}

/** Room in a queue. */
export interface Room {
  readonly items: number;
  readonly bytes: number;
}

/**
 * Takes reports of what something waits for; a report that returns true ends the reporting, and is
 * passed on.
 */
export interface Waits {
  /** It goes on when `upstream` delivers. */
  forDelivery(upstream: Upstream): boolean;
  /** It goes on when all holds of `upstream` are released. */
  forRelease(upstream: Upstream): boolean;
}

/**
 * Something that pauses its sources until it has made progress: an operator with work in flight, a
 * full queue.
 */
export interface Holder {
  /** The name of the operator, for messages. */
  readonly operator: string;
  /** A number that changes whenever its work emits or completes. */
  readonly progress: number;
  /**
   * Reports what has to happen before this holder can release what it holds, until one report
   * returns true.
   */
  awaits(waits: Waits): boolean;
}

/**
 * The holder of what waits for a peer to take bytes: that is up to the network, and to nothing
 * here.
 */
export const peerHolder: Holder = { operator: 'send', progress: 0, awaits: () => false };

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

/**
 * Begins a delivery of a leaf that has no subscriber, as of a stream's `'data'`, with nothing to
 * pause where `upstream` is `null`; pass what it returns to `leaveLeaf`, in a `finally`.
 */
export function enterLeaf(upstream: Upstream | null): Upstream | null {
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
