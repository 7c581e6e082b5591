// What the programs here have in common: they say one JSON value per line, and each ends by itself.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The module under its name: `node:net`, or ours in its place. */
export async function load(name) {
  const module = await import(name);
  return module.default;
}

export function say(...values) {
  console.log(JSON.stringify(values.length === 1 ? values[0] : values));
}

/** The same program again, as a child whose first argument is its role. */
export function forkSelf(url, ...args) {
  const child = fork(fileURLToPath(url), args);
  // Whatever goes wrong, nothing is left behind.
  process.on('exit', () => child.kill());
  return child;
}

export function once(emitter, event) {
  return new Promise((resolve) => {
    emitter.once(event, (...args) => resolve(args));
  });
}

/** A message of that kind, with the handle that came with it. */
export function message(channel, kind) {
  return new Promise((resolve) => {
    const onMessage = (value, handle) => {
      if (value?.kind !== kind) return;
      channel.off('message', onMessage);
      resolve([value, handle]);
    };
    channel.on('message', onMessage);
  });
}

export function count(server) {
  return new Promise((resolve, reject) => {
    server.getConnections((error, connections) => (error ? reject(error) : resolve(connections)));
  });
}

/** All that a peer sends, as text. */
export async function textOf(socket) {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
