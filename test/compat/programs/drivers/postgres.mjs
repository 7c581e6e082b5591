import { Client, Pool } from 'pg';

import { event, parts, uniqueName } from './support.mjs';

const server = { host: '127.0.0.1', port: 5432, user: 'postgres', database: 'test' };

/** @type {import('./run.mjs').Driver} */
export const driver = {
  sockets: (net) => ({ stream: () => new net.Socket() }),

  async run({ sockets, connected, exchanged, disconnected, reconnected }) {
    const pool = new Pool({ ...server, ...sockets, max: 1 });
    const client = await pool.connect();
    // Not in the types, as it is nobody's business but ours.
    const socketOf = (/** @type {any} */ one) => one.connection.stream;
    connected(socketOf(client));

    const table = uniqueName('parts');
    await client.query(`create temporary table ${table} (number integer, part bytea)`);
    for (const [number, part] of parts.entries()) {
      await client.query(`insert into ${table} values ($1, $2)`, [number, part]);
    }
    const { rows } = await client.query(`select part from ${table} order by number`);
    exchanged(rows.map(({ part }) => part));

    // The server ends the session, told to by another one.
    const lost = event(client, 'error');
    // It tells twice: of the server's message, and of the connection that closed.
    client.on('error', () => {});
    const { rows: sessions } = await client.query('select pg_backend_pid() as pid');
    const other = new Client({ ...server, ...sockets });
    await other.connect();
    await other.query('select pg_terminate_backend($1)', [sessions[0].pid]);
    await other.end();
    disconnected((await lost).code);
    client.release(true);

    const again = await pool.connect();
    const { rows: sums } = await again.query('select 6 * 7 as answer');
    if (sums[0].answer !== 42) throw new Error('a wrong answer');
    reconnected(socketOf(again));
    again.release();
    await pool.end();
  },
};
