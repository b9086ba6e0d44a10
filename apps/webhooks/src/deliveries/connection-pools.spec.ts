import { TargetGuard } from '../endpoints/target-guard.ts';
import { ConnectionPools } from './connection-pools.ts';
import { GuardedConnector } from './guarded-connector.ts';
import { nameResolver } from './resolve-name.ts';

const guard = new TargetGuard({ allowHttp: false, allowedCidrs: [] });
const origin = (at: number) => new URL(`https://partner-${at}.example/hooks/${at}`);

let pools: ConnectionPools;
beforeEach(() => (pools = new ConnectionPools(new GuardedConnector(guard, nameResolver()))));
afterEach(() => pools.destroy());

it('one pool an origin and identity, whatever the path', () => {
  const identity = { key: 'a', certificate: '', privateKey: '', ca: null };
  const pool = pools.of(new URL('https://a.example/1'), null);
  expect(pools.of(new URL('https://a.example/2'), null)).toBe(pool);
  const others = [
    pools.of(new URL('https://a.example:8443/1'), null),
    pools.of(new URL('https://b.example/1'), null),
    pools.of(new URL('https://a.example/1'), identity),
    pools.of(new URL('https://a.example/1'), { ...identity, key: 'b' }),
  ];
  expect(new Set([pool, ...others]).size).toBe(5);
});

it('at 2,000 the one used longest ago is closed for a new one', () => {
  const made = Array.from({ length: 2_000 }, (_, at) => pools.of(origin(at), null));
  expect(pools.of(origin(0), null)).toBe(made[0]);
  pools.of(origin(2_000), null);
  expect(made.flatMap((pool, at) => (pool.closed ? [at] : []))).toEqual([1]);
  expect(pools.of(origin(1), null)).not.toBe(made[1]);
  expect(made[2]?.closed).toBe(true);
  expect(made[0]?.closed).toBe(false);
});
