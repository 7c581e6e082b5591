import { lengthPrefixed } from 'rxjs-net';
import { forEachFrame, fromIO, serveWith, toPromise, writeFrame } from 'rxjs-net/effects';

import { failed, listening, settings, socketOptions } from './host.mjs';

const OK = Buffer.from('ok ');
const framing = lengthPrefixed({ bytes: 4 });

// The same as lib-frames.mjs, as effects: a read and a write for each request.
const server = serveWith(
  {
    ...settings.listen,
    ...socketOptions,
  },
  (connection) =>
    forEachFrame(framing, (/** @type {Buffer} */ request) =>
      writeFrame(framing, Buffer.concat([OK, request]))(connection),
    )(connection),
  (/** @type {unknown} */ failure) => fromIO(() => failed(failure)),
);

await toPromise(
  server((running) => {
    listening(running.address);
    return running.stopped;
  }),
);
