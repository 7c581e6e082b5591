import { bounds, idleHeapBytes, stalled } from '../bounds.mjs';
import { spreadText } from './report.mjs';

/**
 * The results as one picture: a bar per workload, library ÷ idiomatic, with the quartiles as a whisker, the 1.0 line and
 * the bound. Colours follow the reader's light or dark theme.
 *
 * @typedef {import('./report.mjs').Results} Results
 * @typedef {import('./report.mjs').WorkloadResult} WorkloadResult
 * @typedef {{ label: string, detail: string, ratio: import('./statistics.mjs').Spread, bound: number | undefined, noisy: boolean }} Bar
 */

/** @typedef {{ paper: string, ink: string, soft: string, grid: string, bar: string, bound: string }} Palette */
/** @type {Palette} */
const LIGHT = { paper: '#ffffff', ink: '#1f2328', soft: '#656d76', grid: '#d8dee4', bar: '#c2569f', bound: '#0969da' };
/** @type {Palette} */
const DARK = { paper: '#0d1117', ink: '#e6edf3', soft: '#8d96a0', grid: '#30363d', bar: '#a8448a', bound: '#58a6ff' };

/** Plain rules and no CSS variables, which several viewers of SVG don't know. @param {Palette} palette */
function colours({ paper, ink, soft, grid, bar, bound }) {
  return [
    `text { fill: ${ink}; }`,
    `.soft, .detail, .tick { fill: ${soft}; }`,
    `.paper { fill: ${paper}; }`,
    `.value { stroke: ${paper}; }`,
    `.grid { stroke: ${grid}; }`,
    `.one, .whisker { stroke: ${ink}; }`,
    `.bar { fill: ${bar}; }`,
    `.bound { stroke: ${bound}; }`,
  ].join(' ');
}

const WIDTH = 860;
const LEFT = 270;
const RIGHT = 150;
const TOP = 78;
const ROW = 42;
const BAR = 18;
/** About as wide as a figure with its quartiles. */
const TEXT = 130;

/** What the figure is a ratio of, in a few words. */
const details = /** @type {Record<string, string>} */ ({
  'pingpong-tcp': '64 B, 64 connections',
  'pingpong-ipc': '64 B, 64 connections',
  lines: '100 lines per batch, noDelay',
  'lines-kept': '100 lines per batch, allocator keeps memory',
  'lines-nagle': "100 lines per batch, Node's default",
  frames: '100 requests in flight, noDelay',
  requests: '1 request in flight, noDelay',
  'bulk-in': '64 KiB writes, allocator keeps memory',
  'bulk-in-default': '64 KiB writes, default allocator',
  'bulk-echo': 'against pipe, allocator keeps memory',
  'bulk-echo-default': 'against pipe, default allocator',
  churn: 'connect, 32 B, close',
  idle: 'heap per connection',
  stalled: 'bytes accepted, against pipe',
});

/** @param {WorkloadResult} workload @returns {number | undefined} */
function boundOf({ id, kind, figures }) {
  if (kind === 'stalled') return stalled.acceptedOfPipe;
  // An absolute bound, drawn where it lies in this run's ratios.
  if (kind === 'idle') return idleHeapBytes.library / figures.find((figure) => figure.id === 'idiomatic').heap;
  return bounds.find(
    ({ workload, variant, against }) => workload === id && variant === 'library' && against === 'idiomatic',
  )?.atMost;
}

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param {Results} results */
export function chart({ workloads, environment, date, profile }) {
  /** @type {Bar[]} */
  const bars = workloads.flatMap((workload) => {
    const found = workload.comparisons.find(({ variant, against }) => variant === 'library' && against === 'idiomatic');
    if (found === undefined) return [];
    return [
      {
        label: workload.id,
        detail: details[workload.id] ?? '',
        ratio: found.ratio,
        bound: boundOf(workload),
        noisy: workload.noise.floor > workload.noise.limit,
      },
    ];
  });
  const highest = Math.max(1.1, ...bars.flatMap(({ ratio, bound }) => [ratio.q3, bound ?? 0]));
  // Beyond this the bar is cut, and its figure tells the rest.
  const end = Math.min(Math.ceil(highest * 5 + 0.25) / 5, 3);
  const x = (/** @type {number} */ ratio) => LEFT + (Math.min(ratio, end) / end) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + bars.length * ROW;
  const height = bottom + 54;
  const step = end > 2 ? 0.5 : 0.2;

  const grid = [];
  for (let tick = 0; tick <= end + 0.001; tick += step) {
    const at = x(tick).toFixed(1);
    grid.push(`<line class="grid" x1="${at}" x2="${at}" y1="${TOP - 8}" y2="${bottom}"/>`);
    grid.push(`<text class="tick" x="${at}" y="${bottom + 18}">${tick.toFixed(1)}</text>`);
  }

  const rows = bars.map(({ label, detail, ratio, bound, noisy }, index) => {
    const top = TOP + index * ROW + (ROW - BAR) / 2 - 4;
    const middle = top + BAR / 2;
    const [low, mid, high] = [x(ratio.q1), x(ratio.median), x(ratio.q3)].map((at) => at.toFixed(1));
    const lines = [
      `<text class="label" x="${LEFT - 12}" y="${middle - 1}">${escape(label)}</text>`,
      `<text class="detail" x="${LEFT - 12}" y="${middle + 13}">${escape(detail)}</text>`,
      `<rect class="bar" x="${LEFT}" y="${top}" width="${Math.max(1, Number(mid) - LEFT).toFixed(1)}" height="${BAR}" rx="2"/>`,
    ];
    if (ratio.n > 1) {
      lines.push(
        `<path class="whisker" d="M${low} ${middle}H${high}M${low} ${middle - 5}v10M${high} ${middle - 5}v10"/>`,
      );
    }
    let textAt = Math.max(Number(high), bound === undefined ? 0 : x(bound)) + 10;
    // Never through the 1.0 line.
    if (textAt < x(1) + 10 && textAt + TEXT > x(1)) textAt = x(1) + 10;
    lines.push(
      `<text class="value" x="${textAt.toFixed(1)}" y="${middle + 4}">${spreadText(ratio)}${noisy ? ', noisy' : ''}</text>`,
    );
    return lines.join('\n  ');
  });

  // Above the 1.0 line, which is where some of them lie.
  const marks = bars.flatMap(({ bound }, index) =>
    bound === undefined
      ? []
      : [`<path class="bound" d="M${x(bound).toFixed(1)} ${TOP + index * ROW + (ROW - BAR) / 2 - 9}v${BAR + 10}"/>`],
  );

  const one = x(1).toFixed(1);
  const legendX = LEFT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Server CPU per operation, rxjs-net divided by idiomatic node:net">
  <style>
    ${colours(LIGHT)}
    @media (prefers-color-scheme: dark) { ${colours(DARK)} }
    text { font: 12px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; }
    .title { font-size: 16px; font-weight: 600; }
    .soft, .detail, .tick { font-size: 11px; }
    .label { text-anchor: end; font-weight: 600; }
    .detail { text-anchor: end; }
    .tick { text-anchor: middle; }
    .value { font-variant-numeric: tabular-nums; paint-order: stroke; stroke-width: 4px; }
    .one { stroke-width: 1.5; }
    .whisker { stroke-width: 1.5; fill: none; }
    .bound { stroke-width: 3; fill: none; }
  </style>
  <rect class="paper" width="100%" height="100%" rx="6"/>
  <text class="title" x="20" y="28">Server CPU per operation, rxjs-net ÷ idiomatic node:net</text>
  <text class="soft" x="20" y="47">Lower is better (idle: heap, stalled: bytes accepted). Node ${environment.node}, ${escape(environment.cpu)}, ${date.slice(0, 10)}, profile ${profile}.</text>
  ${grid.join('\n  ')}
  ${rows.join('\n  ')}
  <line class="one" x1="${one}" x2="${one}" y1="${TOP - 12}" y2="${bottom}"/>
  ${marks.join('\n  ')}
  <path class="bound" d="M${legendX} ${bottom + 32}v12"/>
  <text class="soft" x="${legendX + 8}" y="${bottom + 42}">bound</text>
  <path class="whisker" d="M${legendX + 60} ${bottom + 38}h18m-18 -5v10m18 -10v10"/>
  <text class="soft" x="${legendX + 84}" y="${bottom + 42}">quartiles of the paired ratios</text>
  <path class="one" d="M${legendX + 262} ${bottom + 32}v12"/>
  <text class="soft" x="${legendX + 270}" y="${bottom + 42}">node:net</text>
</svg>
`;
}
