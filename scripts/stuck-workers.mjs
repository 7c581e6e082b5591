// What the workers of a run that hangs are at: asked from outside, by the inspector that every Node process opens when it is sent
// SIGUSR1, since a process that spins answers to nothing else. They end with it.
import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

import { WebSocket } from 'ws';

/** Where the workers' inspectors are to listen: each run has its own, since several may hang at once on one machine. */
export const INSPECTOR_PORT = 10_000 + (process.pid % 50_000);

/** How long an answer may take, in ms. */
const PATIENCE = 3000;

/** @returns {Promise<string[]>} lines to print */
export async function endWorkers() {
  const lines = [];
  for (const pid of workersOf(process.pid)) {
    // One after the other: they all open that one port.
    try {
      lines.push(...(await describeWorker(pid)));
    } catch (error) {
      lines.push(`  worker ${pid}: could not be asked: ${error.message}`);
    } finally {
      // One that spins would outlive the run, and keep the port from the next.
      end(pid);
    }
  }
  return lines.length > 0 ? lines : ['  no worker is left'];
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function workersOf(parent) {
  if (process.platform === 'win32') return [];
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return rows
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row))
    .filter((found) => found !== null && Number(found[2]) === parent && found[3].includes('vitest'))
    .map((found) => Number(found[1]));
}

async function describeWorker(pid) {
  process.kill(pid, 'SIGUSR1');
  const session = await openSession();
  try {
    const { result } = await session.ask('Runtime.evaluate', { expression: QUESTION, returnByValue: true });
    const state = JSON.parse(result.value);
    if (state.pid !== pid) throw new Error(`process ${state.pid} has its port`);
    const counts = new Map();
    for (const name of state.resources) counts.set(name, (counts.get(name) ?? 0) + 1);
    const resources = [...counts].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
    const frames = await session.pause();
    return [
      `  worker ${pid}: ${state.file ?? 'no file'}`,
      `    active: ${resources.join(', ') || 'nothing'}`,
      ...(frames.length > 0
        ? ['    runs:', ...frames.map((frame) => `      ${frame}`)]
        : ['    runs nothing: it waits']),
    ];
  } finally {
    session.close();
  }
}

const QUESTION = `JSON.stringify({
  pid: process.pid,
  file: globalThis.__vitest_worker__?.filepath,
  resources: process.getActiveResourcesInfo(),
})`;

async function openSession() {
  const socket = new WebSocket(await inspectorUrl(), { perMessageDeflate: false });
  const answers = new Map();
  const pauses = [];
  /** Of each script; what vitest has transformed has no other name in a stack. */
  const urls = new Map();
  let count = 0;
  await within(
    new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    }),
  );
  socket.on('message', (data) => {
    const { id, method, result, params } = JSON.parse(String(data));
    if (method === 'Debugger.scriptParsed') urls.set(params.scriptId, params.url);
    if (method === 'Debugger.paused') pauses.shift()?.(params.callFrames);
    answers.get(id)?.(result);
    answers.delete(id);
  });
  const ask = (method, params = {}) => {
    const id = ++count;
    socket.send(JSON.stringify({ id, method, params }));
    return within(new Promise((resolve) => answers.set(id, resolve)));
  };
  return {
    ask,
    /** The stack of what it runs, as far as it runs anything within a second. */
    async pause() {
      await ask('Debugger.enable');
      const paused = new Promise((resolve) => pauses.push(resolve));
      await ask('Debugger.pause');
      const frames = await Promise.race([paused, sleep(1000, [])]);
      return frames.slice(0, 20).map(({ functionName, location }) => {
        const place = `${urls.get(location.scriptId) ?? 'unknown'}:${location.lineNumber + 1}`;
        return functionName === '' ? place : `${functionName} (${place})`;
      });
    },
    close: () => socket.terminate(),
  };
}

async function inspectorUrl() {
  for (let waited = 0; ; waited += 100) {
    try {
      const response = await fetch(`http://127.0.0.1:${INSPECTOR_PORT}/json/list`);
      const [target] = await response.json();
      return target.webSocketDebuggerUrl;
    } catch (error) {
      if (waited >= PATIENCE) throw error;
      await sleep(100);
    }
  }
}

function within(promise) {
  return Promise.race([
    promise,
    sleep(PATIENCE).then(() => {
      throw new Error('no answer');
    }),
  ]);
}
