/** The colours that a picture needs, for light and for dark surroundings. */
interface Palette {
  readonly paper: string;
  readonly edge: string;
  readonly text: string;
  readonly faint: string;
  readonly lifeline: string;
  readonly head: string;
  readonly bad: string;
  readonly good: string;
  readonly warning: string;
  /** Connections, by turns. */
  readonly lines: readonly string[];
}

const LIGHT: Palette = {
  paper: '#ffffff',
  edge: '#d1d9e0',
  text: '#1f2328',
  faint: '#59636e',
  lifeline: '#c4ccd4',
  head: '#f6f8fa',
  bad: '#cf222e',
  good: '#1a7f37',
  warning: '#9a6700',
  lines: ['#0969da', '#8250df', '#1b7c83', '#bc4c00', '#bf3989', '#57606a'],
};

const DARK: Palette = {
  paper: '#0d1117',
  edge: '#3d444d',
  text: '#e6edf3',
  faint: '#9198a1',
  lifeline: '#3d444d',
  head: '#151b23',
  bad: '#ff7b72',
  good: '#3fb950',
  warning: '#d29922',
  lines: ['#58a6ff', '#bc8cff', '#39c5cf', '#f0883e', '#f778ba', '#8b949e'],
};

/** How many connections have a colour of their own. */
export const COLOURS = LIGHT.lines.length;

/** Within the picture alone, should it stand in a page. */
const ROOT = '.rxjs-net-diagram';

const SHAPES = `${ROOT} text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
${ROOT} .name{font-size:13px;font-weight:600;text-anchor:middle}
${ROOT} .time{font-size:11px;text-anchor:end}
${ROOT} .small{font-size:11px}
${ROOT} .pill-text{font-size:11px;text-anchor:middle}
${ROOT} .lifeline{stroke-width:1.5}
${ROOT} .off{stroke-width:1.5;stroke-dasharray:2 5}
${ROOT} .arrow{fill:none;stroke-width:1.25}
${ROOT} .data{stroke-width:2.25}
${ROOT} .window{stroke-dasharray:1 3}
${ROOT} .gone{stroke-dasharray:5 4}
${ROOT} .span{stroke-dasharray:3 3;stroke-width:1.25}
${ROOT} .label{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}
${ROOT} .zone{fill-opacity:.07;stroke:none}
${ROOT} .band{fill-opacity:.14;stroke:none}
${ROOT} .faint{fill-opacity:.05}`;

function colours(palette: Palette): string {
  const { paper, edge, text, faint, lifeline, head, bad, good, warning, lines } = palette;
  const rules = [
    `.paper{fill:${paper};stroke:${edge}}`,
    `text{fill:${text}}`,
    `.time,${ROOT} .small{fill:${faint}}`,
    `.tick{stroke:${edge}}`,
    `.head{fill:${head};stroke:${edge}}`,
    `.lifeline{stroke:${lifeline}}`,
    `.label{stroke:${paper}}`,
    `.zone{fill:${bad}}`,
    ...lines.map((colour, index) => `.c${index}{stroke:${colour}}${ROOT} .f${index}{fill:${colour}}`),
    ...[
      ['bad', bad],
      ['good', good],
      ['warning', warning],
      ['plain', faint],
    ].map(([name, colour]) => `.${name}{stroke:${colour}}${ROOT} .f-${name}{fill:${colour}}`),
    `.pill{fill:${paper}}`,
  ];
  return rules.map((rule) => `${ROOT} ${rule}`).join('\n');
}

export const STYLE = `${SHAPES}
${colours(LIGHT)}
@media (prefers-color-scheme:dark){
${colours(DARK)}
}`;
