import { libServer } from './lib-server.mjs';

libServer((connection) => connection.incoming);
