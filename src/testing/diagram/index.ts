import type { Trace, TraceEntry } from '../trace.ts';
import { type DiagramOptions, readDiagramOptions } from './options.ts';
import { hostsIn, tellStory } from './story.ts';
import { drawSvg, MOST_LIFELINES } from './svg.ts';
import { drawText, lifelinesWithin } from './text.ts';

/** What a diagram is made from. */
export interface RecordedRun {
  readonly seed: number;
  readonly trace: Trace;
  /** All hosts, in the order in which they were made. */
  readonly hosts: readonly string[];
}

/** A sequence chart of a run. */
export function drawDiagram({ seed, trace, hosts }: RecordedRun, options: DiagramOptions): string {
  const settings = readDiagramOptions(options, hosts);
  const { format, width } = settings;
  const entries = trace.all();
  const { shown, hidden } =
    settings.hosts === undefined
      ? choose(hosts, entries, format === 'text' ? lifelinesWithin(width) : MOST_LIFELINES)
      : { shown: settings.hosts, hidden: [] };
  const story = tellStory(entries, trace.dropped, shown, hidden, settings);
  return format === 'text' ? drawText(story, width) : drawSvg(story, seed, width);
}

/** Those that do something, as far as there is room. */
function choose(
  hosts: readonly string[],
  entries: readonly TraceEntry[],
  most: number,
): { readonly shown: readonly string[]; readonly hidden: readonly string[] } {
  const busy = hostsIn(entries);
  const concerned = hosts.filter((host) => busy.has(host));
  const candidates = concerned.length > 0 ? concerned : hosts;
  return { shown: candidates.slice(0, most), hidden: candidates.slice(most) };
}
