import { answerWith } from 'rxjs-net';

import { libFramedServer } from './lib-framed-server.mjs';

const OK = Buffer.from('ok ');

/** @param {Buffer} request */
const answer = (request) => [Buffer.concat([OK, request])];

libFramedServer(({ incoming }) => incoming.pipe(answerWith(answer)));
