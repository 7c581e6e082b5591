// A vitest reporter for what vitest's own time limits can't reach: a test that never gives its process back (an endless
// loop, or a loop of microtasks) blocks the timer that would fail it. This watches from the main process, says where
// it hangs and ends the run.
import process from 'node:process';

/** Far beyond what the time limits of tests and hooks allow a single file to be silent for. */
const limit = Number(process.env['HANG_LIMIT'] ?? 120_000);

export default class HangReporter {
  #running = new Map();
  #timer;

  #touch(module, name) {
    this.#running.set(module.moduleId, { since: Date.now(), name });
  }

  onTestRunStart() {
    this.#timer = setInterval(() => {
      for (const [file, { since, name }] of this.#running) {
        if (Date.now() - since < limit) continue;
        console.error(`\nHANGS: ${file}\n  nothing heard for ${limit / 1000} s; last heard of: ${name}`);
        process.exit(1);
      }
    }, 1000);
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
    this.#touch(test.module, `ended: ${test.fullName}`);
  }

  onTestModuleEnd(module) {
    this.#running.delete(module.moduleId);
  }

  onTestRunEnd() {
    clearInterval(this.#timer);
  }
}
