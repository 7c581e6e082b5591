// A vitest reporter for what vitest's own time limits can't reach: a test that never gives its process back (an endless
// loop, or a loop of microtasks) blocks the timer that would fail it. This watches from the main process, says where
// it hangs and what the process is at, and ends the run.
import process from 'node:process';

import { endWorkers, INSPECTOR_PORT } from './stuck-workers.mjs';

/** In ms; far beyond what the time limits of tests and hooks allow a single file to be silent for. */
const LIMIT = Number(process.env['HANG_LIMIT'] ?? 120_000);

/** How often it looks, in ms. */
const INTERVAL = 1000;

export default class HangReporter {
  #running = new Map();
  #timer;
  #limit;
  #hung;

  constructor({ limit = LIMIT, hung = giveUp } = {}) {
    this.#limit = limit;
    this.#hung = hung;
  }

  #touch(module, name) {
    this.#running.set(module.moduleId, { silence: 0, name });
  }

  /**
   * Silence is counted in rounds of this timer, and not read off a clock: a machine that was asleep, or a run that was stopped for a
   * while, would seem to have been silent all the time, although its workers had no chance to say anything.
   */
  #look() {
    for (const [file, state] of this.#running) {
      state.silence += INTERVAL;
      if (state.silence < this.#limit) continue;
      clearInterval(this.#timer);
      this.#hung(`\nHANGS: ${file}\n  nothing heard for ${this.#limit / 1000} s; last heard of: ${state.name}`);
      return;
    }
  }

  onInit(vitest) {
    for (const { config } of vitest.projects) config.execArgv.push(`--inspect-port=${INSPECTOR_PORT}`);
  }

  onTestRunStart() {
    this.#timer = setInterval(() => this.#look(), INTERVAL);
    this.#timer.unref();
  }

  onTestModuleQueued(module) {
    this.#running.delete(module.moduleId);
  }

  onTestModuleCollected(module) {
    this.#touch(module, '(collected)');
  }

  onTestModuleStart(module) {
    this.#touch(module, '(file started)');
  }

  onTestCaseReady(test) {
    this.#touch(test.module, `started: ${test.fullName}`);
  }

  onTestCaseResult(test) {
    // Reports of one file may overtake each other: what has ended is not begun again.
    if (this.#running.has(test.module.moduleId)) this.#touch(test.module, `ended: ${test.fullName}`);
  }

  onTestModuleEnd(module) {
    this.#running.delete(module.moduleId);
  }

  onTestRunEnd() {
    clearInterval(this.#timer);
  }
}

async function giveUp(message) {
  console.error(message);
  try {
    for (const line of await endWorkers()) console.error(line);
  } catch (error) {
    console.error('  its workers can not be found:', error);
  }
  process.exit(1);
}
