import net from 'node:net';

const chunk = Buffer.alloc(65_536, 0x2a);

/**
 * A peer that sends without end and never reads. What the kernel takes from it is what the server has accepted.
 *
 * @param {import('../load.mjs').Target} target
 * @returns {Promise<import('../load.mjs').Generator>}
 */
export async function open(target) {
  const socket = net.connect({ ...target });
  // Before it is connected, so that not even the first read is made.
  socket.pause();
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let accepted = 0;
  let broken = '';
  socket.on('error', (error) => (broken = error.message));
  socket.on('close', () => (broken ||= 'closed by the server'));
  function push() {
    socket.write(chunk, (error) => {
      if (error) return;
      accepted += chunk.length;
      push();
    });
  }
  push();
  return {
    async report() {
      if (broken !== '') throw new Error(broken);
      return { accepted };
    },
    close() {
      socket.removeAllListeners('close').destroy();
    },
  };
}
