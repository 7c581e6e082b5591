import { afterAll, test } from 'vitest';

afterAll(spinForEver);

test('ends', () => {});

function spinForEver() {
  for (;;);
}
