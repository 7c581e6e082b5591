import { afterEach, beforeEach, describe } from 'vitest';

import { describeBinding } from './provider/binding.ts';
import { describeClosing } from './provider/closing.ts';
import { describeDialling } from './provider/dialling.ts';
import { describeReading } from './provider/reading.ts';
import { type Kind, type ProviderUnderTest, World } from './provider/world.ts';
import { describeWriting } from './provider/writing.ts';

export type { ProviderUnderTest } from './provider/world.ts';

/**
 * What every `Transport` must do: the contract of `src/core/transport.ts` as tests, over TCP and over IPC.
 *
 * It uses no timer and waits for no time: `settle()` of the provider under test lets things go on, so a network
 * of virtual time passes it as it is. Besides what each test looks for, all of them check the laws that hold
 * at every moment (see `Party` and `Door` in `provider/world.ts`).
 */
export function describeProvider(name: string, setUp: () => Promise<ProviderUnderTest> | ProviderUnderTest): void {
  const kinds: readonly Kind[] = ['tcp', 'ipc'];
  describe.each(kinds)(`${name}, %s`, (kind) => {
    let world: World;
    beforeEach(async () => {
      world = new World(await setUp(), kind);
    });
    afterEach(async () => {
      try {
        await world.finish();
      } finally {
        await world.provider.dispose();
      }
    });
    const get = (): World => world;
    describe('reading', () => describeReading(get));
    describe('writing', () => describeWriting(get));
    describe('closing', () => describeClosing(get, kind));
    describe('dialling', () => describeDialling(get, kind));
    describe('binding', () => describeBinding(get, kind));
  });
}
