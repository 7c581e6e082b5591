/**
 * What is measured. Every variant is one small server in `servers/`; the baselines are meant to be read next to the
 * figures. `idiomatic-again` is the same program as `idiomatic` in a second process: what differs between the two is the
 * noise of the run.
 *
 * @typedef {object} Variant
 * @property {string} id
 * @property {string} server file in `servers/`, without its extension
 * @property {'node:net' | 'rxjs-net/compat'} [module] what a server with the API of `node:net` is given; the first by default
 * @property {boolean} [coalesceWrites] an option of the second
 *
 * @typedef {object} Workload
 * @property {string} id
 * @property {'paired' | 'idle' | 'stalled'} kind how it is measured: see `harness/`
 * @property {string} title
 * @property {string} unit what one operation is
 * @property {'tcp' | 'ipc'} transport
 * @property {boolean} [noDelay] of the server's sockets
 * @property {boolean} [bulk] more instances and a wider limit of noise, since the allocator treats every process differently
 * @property {boolean} [keepsMemory] the servers' allocator is told not to give memory back: see below
 * @property {boolean} [countsAtServer] the server tells what arrived, as there are no replies
 * @property {string} load file in `load/`, without its extension
 * @property {Record<string, unknown>} options of the generator
 * @property {readonly Variant[]} variants
 */

/** @param {string} id @param {string} server */
const twice = (id, server) => [
  { id, server },
  { id: `${id}-again`, server },
];

/** The very program of a baseline, over `rxjs-net/compat`. @param {string} server @returns {Variant} */
const compat = (server) => ({ id: 'compat', server, module: 'rxjs-net/compat' });

/** The same, its small writes joined. @param {string} server @returns {Variant} */
const coalescing = (server) => ({ ...compat(server), id: 'compat-coalescing', coalesceWrites: true });

/**
 * Every read of a server allocates 64 KiB, and glibc's allocator gives memory back to the kernel whenever the end of the
 * heap is free, to fetch it again, page fault by page fault, for the next reads. Whether that happens depends on what else
 * lies at the end of the heap, so the same program costs 20 µs per 64 KiB in one process and 45 in the next. With an
 * allocator that keeps its memory the programs can be compared, and that is what is judged; with the default one they are
 * measured too, since that is what most people run.
 *
 * @param {Omit<Workload, 'kind' | 'unit' | 'transport' | 'load'>} workload
 * @returns {Workload[]}
 */
function bulk(workload) {
  const shared = /** @type {const} */ ({ kind: 'paired', unit: '64 KiB', transport: 'tcp', load: 'bulk', bulk: true });
  const { id, title } = workload;
  return [
    { ...shared, ...workload, title: `${title}, allocator that keeps memory`, keepsMemory: true },
    { ...shared, ...workload, title: `${title}, default allocator`, id: `${id}-default` },
  ];
}

const batchesOfLines = /** @type {const} */ ({
  kind: 'paired',
  unit: 'line',
  transport: 'tcp',
  load: 'lines',
  options: { connections: 50, batch: 100 },
});

const requests = /** @type {const} */ ({
  kind: 'paired',
  unit: 'request',
  transport: 'tcp',
  noDelay: true,
  load: 'frames',
});

/** @type {readonly Workload[]} */
export const workloads = [
  {
    id: 'pingpong-tcp',
    kind: 'paired',
    title: 'Ping-pong, 64 B on 64 connections, TCP',
    unit: 'message',
    transport: 'tcp',
    load: 'pingpong',
    options: { connections: 64, size: 64 },
    variants: [
      ...twice('idiomatic', 'echo-idiomatic'),
      { id: 'tuned', server: 'echo-tuned' },
      { id: 'library', server: 'lib-echo' },
      { id: 'library-3-operators', server: 'lib-echo-3-operators' },
      compat('echo-idiomatic'),
    ],
  },
  {
    id: 'pingpong-ipc',
    kind: 'paired',
    title: 'Ping-pong, 64 B on 64 connections, IPC',
    unit: 'message',
    transport: 'ipc',
    load: 'pingpong',
    options: { connections: 64, size: 64 },
    variants: [
      ...twice('idiomatic', 'echo-idiomatic'),
      { id: 'tuned', server: 'echo-tuned' },
      { id: 'library', server: 'lib-echo' },
      compat('echo-idiomatic'),
    ],
  },
  {
    ...batchesOfLines,
    id: 'lines',
    title: 'Lines, 50 connections × batches of 100, noDelay',
    noDelay: true,
    variants: [
      ...twice('idiomatic', 'lines-idiomatic'),
      ...twice('tuned', 'lines-tuned'),
      { id: 'library', server: 'lib-lines' },
      compat('lines-idiomatic'),
      coalescing('lines-idiomatic'),
    ],
  },
  {
    // In `lines` the library's server has 0.5 page faults per batch and the tuned one 0.1, for the reason that `bulk` gives.
    ...batchesOfLines,
    id: 'lines-kept',
    title: 'Lines, 50 connections × batches of 100, noDelay, allocator that keeps memory',
    noDelay: true,
    keepsMemory: true,
    variants: [
      ...twice('idiomatic', 'lines-idiomatic'),
      ...twice('tuned', 'lines-tuned'),
      { id: 'library', server: 'lib-lines' },
    ],
  },
  {
    ...batchesOfLines,
    id: 'lines-nagle',
    title: "Lines, 50 connections × batches of 100, Node's default (Nagle)",
    variants: [
      ...twice('idiomatic', 'lines-idiomatic'),
      { id: 'tuned', server: 'lines-tuned' },
      { id: 'library', server: 'lib-lines' },
      compat('lines-idiomatic'),
      coalescing('lines-idiomatic'),
    ],
  },
  {
    ...requests,
    id: 'frames',
    title: 'Length-prefixed requests, 50 connections × 100 in flight, noDelay',
    options: { connections: 50, batch: 100 },
    variants: [
      ...twice('idiomatic', 'frames-idiomatic'),
      ...twice('tuned', 'frames-tuned'),
      { id: 'library', server: 'lib-frames' },
      { id: 'library-answer-with', server: 'lib-frames-answer-with' },
      { id: 'effects', server: 'lib-frames-effects' },
    ],
  },
  {
    ...requests,
    id: 'requests',
    title: 'Request and answer, length-prefixed, one in flight on each of 64 connections, noDelay',
    options: { connections: 64, batch: 1 },
    variants: [
      ...twice('idiomatic', 'frames-idiomatic'),
      ...twice('library', 'lib-frames'),
      { id: 'effects', server: 'lib-frames-effects' },
    ],
  },
  ...bulk({
    id: 'bulk-in',
    title: 'Bulk into the server, 4 connections',
    countsAtServer: true,
    options: { connections: 4, echo: false },
    variants: [
      ...twice('idiomatic', 'bulk-in-idiomatic'),
      { id: 'tuned', server: 'bulk-in-tuned' },
      { id: 'library', server: 'lib-bulk-in' },
      compat('bulk-in-idiomatic'),
    ],
  }),
  ...bulk({
    id: 'bulk-echo',
    title: 'Bulk echo, 4 connections',
    options: { connections: 4, echo: true },
    variants: [
      ...twice('idiomatic', 'echo-pipe'),
      { id: 'tuned', server: 'echo-tuned' },
      { id: 'library', server: 'lib-echo' },
      compat('echo-pipe'),
    ],
  }),
  {
    id: 'churn',
    kind: 'paired',
    title: 'Connect, 32 B request and reply, close; 32 in flight',
    unit: 'connection',
    transport: 'tcp',
    load: 'churn',
    options: { inFlight: 32, size: 32 },
    variants: [
      ...twice('idiomatic', 'echo-idiomatic'),
      { id: 'tuned', server: 'echo-tuned' },
      { id: 'library', server: 'lib-echo' },
      compat('echo-idiomatic'),
    ],
  },
  {
    id: 'idle',
    kind: 'idle',
    title: 'Memory per idle connection',
    unit: 'connection',
    transport: 'tcp',
    load: 'idle',
    options: {},
    variants: [
      ...twice('idiomatic', 'echo-idiomatic'),
      { id: 'pipe', server: 'echo-pipe' },
      { id: 'library', server: 'lib-echo' },
      compat('echo-idiomatic'),
    ],
  },
  {
    id: 'stalled',
    kind: 'stalled',
    title: 'A peer that sends and never reads',
    unit: 'connection',
    transport: 'tcp',
    load: 'stalled',
    options: {},
    variants: [{ id: 'idiomatic', server: 'echo-pipe' }, { id: 'library', server: 'lib-echo' }, compat('echo-pipe')],
  },
];
