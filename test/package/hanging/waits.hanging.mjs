import { createServer } from 'node:net';

import { afterAll, test } from 'vitest';

afterAll(() => new Promise(() => createServer().listen(0)));

test('ends', () => {});
