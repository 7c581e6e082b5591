// It knows no RxJS, and what stands in for a connection in a test has to say who is being delivered too: so it is in core.
export * from '../core/demand.ts';
