/** What a simulated network goes by, checked. */
export interface NetworkSettings {
  readonly seed: number;
  /** In ms, one way. */
  readonly latency: number;
  /** In ms: up to that much more, by chance. */
  readonly jitter: number;
  /** Bytes a second of each direction of a connection; undefined for no limit. */
  readonly bandwidth: number | undefined;
  /** How many bytes a segment may have. */
  readonly chunking: { readonly least: number; readonly most: number };
  /** Bytes that each end buffers on the way in, and again on the way out. */
  readonly window: number;
  readonly traceLimit: number;
  readonly maxEvents: number;
}
