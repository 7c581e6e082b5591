import type { Row } from './row.ts';

/** G: pipes that begin on what expects no failure. */
export const plainStarts: readonly Row[] = [
  {
    name: 'of(x).pipe(sendTo(c))',
    fails: 'WriteFailure',
    program: "of('hello').pipe(sendTo(connection))",
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'interval.pipe(paced(latest), sendTo(c)) (README)',
    fails: 'WriteFailure',
    program: `
      interval(10).pipe(
        map((n) => 'price ' + n + '\\n'),
        paced(latest()),
        sendTo(connection),
      )
    `,
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'timer.pipe(own.mergeMap(() => inner))',
    fails: 'Inner | BufferOverflow',
    program: 'timer(0, 1_000).pipe(own.mergeMap(() => inner))',
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'Subject.pipe(own.concatMap(() => inner))',
    fails: 'Inner | BufferOverflow',
    program: `
      const jobs = new Subject<number>();
      const result = jobs.pipe(own.concatMap(() => inner));
    `,
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'fromEvent.pipe(own.switchMap(() => inner))',
    fails: 'Inner | BufferOverflow',
    program: "fromEvent(process, 'SIGHUP').pipe(own.switchMap(() => inner))",
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'BehaviorSubject.pipe(own.exhaustMap(connect))',
    fails: 'ConnectFailure | BufferOverflow',
    program: `
      const ports = new BehaviorSubject(8_080);
      const result = ports.pipe(own.exhaustMap((port) => net.connect({ port })));
    `,
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'of(1).pipe(own.mergeMap(() => connect))',
    fails: 'ConnectFailure | BufferOverflow',
    program: 'of(8_080).pipe(own.mergeMap((port) => net.connect({ port })))',
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'interval.pipe(idleTimeout)',
    fails: 'IdleTimeout',
    program: 'interval(1_000).pipe(idleTimeout(5_000))',
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'interval.pipe(mapAsync(async))',
    fails: 'BufferOverflow',
    program: 'interval(1_000).pipe(mapAsync(async (n) => n * 2))',
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'Observable<Buffer>.pipe(lines())',
    fails: 'FrameTooLarge',
    program: 'chunks.pipe(lines())',
    says: 'refused to forget',
    plain: 'refused to forget',
  },
  {
    name: 'Observable<Buffer>.pipe(lines(), map)',
    fails: 'FrameTooLarge',
    program: `
      chunks.pipe(
        lines(),
        map((line) => line.length),
      )
    `,
    says: 'refused to forget',
    plain: 'refused to forget',
  },
  {
    name: 'own.from(of(x)).pipe(sendTo(c))',
    fails: 'WriteFailure',
    program: "own.from(of('hello')).pipe(sendTo(connection))",
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'own.from([x]).pipe(sendTo(c))',
    fails: 'WriteFailure',
    program: "own.from(['hello']).pipe(sendTo(connection))",
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'conn.send(of(x))',
    fails: 'WriteFailure',
    program: "connection.send(of('hello'))",
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'README client: merge(of().pipe(sendTo), incoming.pipe(lines()))',
    fails: 'ConnectFailure | WriteFailure | ReadFailure | FrameTooLarge',
    program: `
      net
        .connect({ port: 8_124 })
        .pipe(
          own.mergeMap((peer) =>
            own.merge(own.of('hello\\n').pipe(sendTo(peer)), peer.incoming.pipe(lines())),
          ),
        )
    `,
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'README prices feed',
    fails: 'ConnectFailure | WriteFailure',
    program: `
      const prices = interval(10).pipe(map((n) => 'price ' + n + '\\n'));
      const result = net
        .connect({ port: 8_124 })
        .pipe(own.mergeMap((peer) => prices.pipe(paced(latest()), sendTo(peer))));
    `,
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'async generator flow inside own.from',
    fails: 'Outer',
    program: `
      async function* readings() {
        for await (const n of toAsyncIterable(outer)) yield n / 10;
      }
      const result = own.from(readings());
    `,
    says: 'beyond types: LOST all',
    plain: 'LOST all',
  },
  {
    name: 'conn.incoming after options idleTimeout',
    fails: 'ReadFailure',
    program: 'connection.incoming',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'own.defer(async () => firstValueFrom(outer))',
    fails: 'Outer',
    program: 'own.defer(async () => firstValueFrom(outer))',
    says: 'refused',
    plain: 'LOST all',
  },
  {
    name: 'pool.use(async c => firstValueFrom(c.incoming))',
    fails: 'PoolFailure | ReadFailure | ConnectFailure',
    program: 'pool({ port: 8_124 }).use(async (peer) => firstValueFrom(peer.incoming))',
    says: 'refused',
    plain: 'LOST AlreadySubscribed | BrokenPipe | BufferOverflow | ConnectionTimedOut',
  },
  {
    name: 'pool.use(c => of().pipe(sendTo(c)))',
    fails: 'PoolFailure | WriteFailure | ConnectFailure',
    program: "pool({ port: 8_124 }).use((peer) => of('hello').pipe(sendTo(peer)))",
    says: 'kept',
    plain: 'refused to forget',
  },
  {
    name: 'pool.use(c => c.incoming)',
    fails: 'PoolFailure | ReadFailure | ConnectFailure',
    program: 'pool({ port: 8_124 }).use((peer) => peer.incoming)',
    says: 'kept',
    plain: 'kept',
  },
  {
    name: 'reconnecting behind rx.mergeMap',
    fails: 'ConnectFailure | ReadFailure',
    program: `
      net.connect({ port: 8_124 }).pipe(
        reconnecting(),
        mergeMap((peer) => peer.incoming),
      )
    `,
    says: 'kept',
    plain: 'LOST AlreadySubscribed | BrokenPipe | BufferOverflow | ConnectionTimedOut',
  },
  {
    name: 'catchFailure on plain Observable',
    fails: 'never',
    program: "of(1).pipe(catchFailure('Inner', (failure: Inner) => of(0)))",
    says: 'refused',
    plain: 'refused to forget',
  },
];
