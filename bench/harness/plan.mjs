/**
 * How much of everything a profile does.
 *
 * @typedef {object} Plan
 * @property {number} instances fresh processes of every variant, one set after the other
 * @property {number} bulkInstances
 * @property {number} rounds per instance
 * @property {number} sliceMs
 * @property {number} warmUpMs
 * @property {number} idleConnections
 * @property {number} idleInstances
 * @property {number} stalledMs
 * @property {readonly string[] | 'all'} workloads
 * @property {boolean} verdicts
 * @property {number} limitMs the whole run is cut off after this
 *
 * @typedef {'full' | 'quick' | 'smoke'} Profile
 */

/** @type {Record<Profile, Plan>} */
export const plans = {
  full: {
    instances: 4,
    bulkInstances: 5,
    rounds: 6,
    sliceMs: 200,
    warmUpMs: 700,
    idleConnections: 10_000,
    idleInstances: 2,
    stalledMs: 2500,
    workloads: 'all',
    verdicts: true,
    limitMs: 20 * 60_000,
  },
  quick: {
    instances: 2,
    bulkInstances: 2,
    rounds: 6,
    sliceMs: 150,
    warmUpMs: 500,
    idleConnections: 5000,
    idleInstances: 1,
    stalledMs: 1500,
    workloads: ['pingpong-tcp', 'pingpong-ipc', 'lines', 'churn'],
    verdicts: true,
    limitMs: 5 * 60_000,
  },
  smoke: {
    instances: 1,
    bulkInstances: 1,
    rounds: 1,
    sliceMs: 30,
    warmUpMs: 30,
    idleConnections: 100,
    idleInstances: 1,
    stalledMs: 300,
    // All but the second half of bulk, which runs the same code.
    workloads: [
      'pingpong-tcp',
      'pingpong-ipc',
      'lines',
      'lines-nagle',
      'bulk-in',
      'bulk-echo',
      'churn',
      'idle',
      'stalled',
    ],
    verdicts: false,
    // On a machine that is busy with other things it takes several times as long.
    limitMs: 120_000,
  },
};
