import { type DiagramOptions, type Fault, simulateNetwork, type TraceKind } from 'rxjs-net/testing';
import { expectAssignable, expectError, expectType } from 'tsd';

const network = simulateNetwork();
expectType<string>(network.diagram());
expectType<string>(
  network.diagram({ format: 'svg', hosts: ['a', 'b'], kinds: ['DATA', 'FIN'], from: 0, to: 1, rows: 9 }),
);
expectAssignable<DiagramOptions>({ width: undefined });
expectAssignable<TraceKind>('PARTITION');
expectError(network.diagram({ format: 'png' }));
expectError(network.diagram({ kinds: ['DATE'] }));
expectError(network.diagram({ hosts: 'a' }));
expectError(network.diagram({ height: 5 }));

expectAssignable<Fault>({ name: 'mine', judge: () => undefined });
expectError<Fault>({ name: 5, judge: () => undefined });
