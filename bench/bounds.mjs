/**
 * What the library has promised itself: server CPU per operation as a ratio to a baseline of the same run, unless the
 * entry says otherwise. A figure within the run's own noise of its bound counts as met.
 *
 * @typedef {object} Bound
 * @property {string} workload
 * @property {string} variant
 * @property {string} against the variant that is 1.00
 * @property {number} atMost
 *
 * @type {readonly Bound[]}
 */
export const bounds = [
  { workload: 'pingpong-tcp', variant: 'library', against: 'idiomatic', atMost: 0.95 },
  { workload: 'pingpong-tcp', variant: 'library-3-operators', against: 'library', atMost: 1.08 },
  { workload: 'pingpong-ipc', variant: 'library', against: 'idiomatic', atMost: 0.9 },
  { workload: 'lines', variant: 'library', against: 'idiomatic', atMost: 0.07 },
  { workload: 'lines', variant: 'library', against: 'tuned', atMost: 1.25 },
  { workload: 'lines-kept', variant: 'library', against: 'tuned', atMost: 1.25 },
  { workload: 'frames', variant: 'library', against: 'idiomatic', atMost: 0.25 },
  { workload: 'frames', variant: 'library', against: 'tuned', atMost: 1.25 },
  { workload: 'bulk-in', variant: 'library', against: 'idiomatic', atMost: 1 },
  { workload: 'bulk-echo', variant: 'library', against: 'idiomatic', atMost: 1 },
  { workload: 'churn', variant: 'library', against: 'idiomatic', atMost: 1.03 },
  // The same through effects as through Observables.
  { workload: 'requests', variant: 'effects', against: 'library', atMost: 1.3 },
  // The same programs, unchanged, over the compat layer.
  { workload: 'pingpong-tcp', variant: 'compat', against: 'idiomatic', atMost: 1.03 },
  { workload: 'pingpong-ipc', variant: 'compat', against: 'idiomatic', atMost: 1.03 },
  { workload: 'lines', variant: 'compat', against: 'idiomatic', atMost: 1.03 },
  { workload: 'lines', variant: 'compat-coalescing', against: 'idiomatic', atMost: 0.12 },
  { workload: 'bulk-in', variant: 'compat', against: 'idiomatic', atMost: 1.1 },
  { workload: 'bulk-echo', variant: 'compat', against: 'idiomatic', atMost: 1.1 },
  { workload: 'churn', variant: 'compat', against: 'idiomatic', atMost: 1.07 },
];

/** Heap of the server per idle connection, in bytes, in all (a bare `node:net` socket has about 960), by variant. */
export const idleHeapBytes = { library: 2000, compat: 2300 };

/** A peer that never reads. */
export const stalled = {
  /** How much the resident memory of the server may grow, in bytes. */
  growth: 64 * 1_048_576,
  /** How much it may accept, as a multiple of what `pipe` accepts in the same run. */
  acceptedOfPipe: 2,
};

/** The simulated network: CPU time of the process, in seconds, of ten thousand connections with ten messages each, and of an idle hour. */
export const simulationSeconds = { exchange: 5, idleHour: 1 };
