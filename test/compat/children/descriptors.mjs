// A socket over each of the descriptors that a process is born with: what can be written to, and what can be read.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { load, once, say, textOf } from './say.mjs';

const [role, childNet] = process.argv.slice(2);

if (role === 'child') {
  const { Socket } = await load(childNet);
  const input = new Socket({ fd: 0, readable: true, writable: false });
  const output = new Socket({ fd: 1, readable: false, writable: true });
  const both = new Socket({ fd: 3, readable: true, writable: true, allowHalfOpen: true });
  output.end(`read ${await textOf(input)}`);
  // (An iteration would destroy it at its end.)
  let text = '';
  both.on('data', (chunk) => (text += chunk));
  await once(both, 'end');
  both.end(`and ${text}`);
  await once(both, 'close');
} else {
  const args = [fileURLToPath(import.meta.url), 'child', childNet];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
  process.on('exit', () => child.kill());
  child.stdin.end('in');
  const [, , , third] = child.stdio;
  third.end('third');
  // At the same time: what nobody reads is thrown away when the child has ended.
  for (const text of await Promise.all([textOf(child.stdout), textOf(third)])) say(text);
}
