import mysql from 'mysql2/promise';

import { event, parts, uniqueName } from './support.mjs';

const server = { host: '127.0.0.1', port: 3306, user: 'root', database: 'test' };

/** @type {import('./run.mjs').Driver} */
export const driver = {
  sockets: (net) => ({
    stream: (/** @type {any} */ { config }) => net.connect(config.port, config.host),
  }),

  async run({ sockets, connected, exchanged, disconnected, reconnected }) {
    const pool = mysql.createPool({ ...server, ...sockets, connectionLimit: 1 });
    const connection = await pool.getConnection();
    const socketOf = (/** @type {any} */ one) => one.connection.stream;
    connected(socketOf(connection));

    const table = uniqueName('parts');
    await connection.query(`create temporary table ${table} (number integer, part mediumblob)`);
    for (const [number, part] of parts.entries()) {
      await connection.execute(`insert into ${table} values (?, ?)`, [number, part]);
    }
    const [rows] = await connection.query(`select part from ${table} order by number`);
    exchanged(/** @type {{ part: Buffer }[]} */ (rows).map(({ part }) => part));

    // The server ends the session, told to by another one.
    const lost = event(connection.connection, 'error');
    connection.on('error', () => {});
    const other = await mysql.createConnection({ ...server, ...sockets });
    await other.query(`kill ${connection.threadId}`);
    await other.end();
    disconnected((await lost).code);
    connection.release();

    const again = await pool.getConnection();
    const [sums] = await again.query('select 6 * 7 as answer');
    if (/** @type {any} */ (sums)[0].answer !== 42) throw new Error('a wrong answer');
    reconnected(socketOf(again));
    again.release();
    await pool.end();
  },
};
