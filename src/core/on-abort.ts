interface Followers {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const followersOf = new WeakMap<AbortSignal, Followers>();

/**
 * Calls `callback` when the signal, which isn't aborted yet, is.
 *
 * One signal may well guard a thousand connections. They share one listener: Node warns of a leak from the eleventh on.
 *
 * @returns a function that takes it back; the last one takes the listener off.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const { callbacks } = followersOf.get(signal) ?? follow(signal);
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    const followers = followersOf.get(signal);
    if (followers === undefined) return;
    followersOf.delete(signal);
    signal.removeEventListener('abort', followers.listener);
  };
}

function follow(signal: AbortSignal): Followers {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    followersOf.delete(signal);
    for (const callback of callbacks) {
      callbacks.delete(callback);
      callback();
    }
  };
  const followers = { callbacks, listener };
  followersOf.set(signal, followers);
  signal.addEventListener('abort', listener, { once: true });
  return followers;
}
