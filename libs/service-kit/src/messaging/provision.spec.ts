import { plan, ProvisionConflict, wantedItems } from './provision.ts';
import type { Item } from './provision.ts';

const asExisting = (items: readonly Item[]) => new Map(items.map(({ name, config }) => [name, config]));
const changed = (name: string, changes: Record<string, unknown>) =>
  asExisting(
    wantedItems().map((item) => (item.name === name ? { ...item, config: { ...item.config, ...changes } } : item)),
  );

describe('the plan of provisioning', () => {
  it('creates everything on an empty broker, each stream before its durables', () => {
    const changes = plan(wantedItems(), new Map());
    const names = changes.map(({ item }) => item.name);
    expect(changes.every(({ action }) => action === 'create')).toBe(true);
    expect(names).toHaveLength(wantedItems().length);
    for (const name of names.filter((each) => each.includes('/')))
      expect(names.indexOf(name.split('/')[0] as string)).toBeLessThan(names.indexOf(name));
  });

  it('changes nothing where all is as wanted', () => {
    expect(plan(wantedItems(), asExisting(wantedItems()))).toEqual([]);
  });

  it('takes what the server adds, leaves out or orders otherwise as equal', () => {
    const [{ config }] = wantedItems().filter(({ name }) => name === 'DLQ') as [Item];
    const { deny_delete, deny_purge, ...stored } = config;
    expect([deny_delete, deny_purge]).toEqual([false, false]);
    const existing = asExisting(wantedItems());
    existing.set('DLQ', { ...stored, max_msgs: -1 });
    expect(plan(wantedItems(), existing)).toEqual([]);
    const subjects = [...(wantedItems()[0]?.config['subjects'] as string[])].reverse();
    expect(plan(wantedItems(), changed('PAYMENTS', { subjects }))).toEqual([]);
  });

  it('updates what may change and says what differs', () => {
    const changes = plan(wantedItems(), changed('PAYMENTS', { max_bytes: 5 }));
    expect(changes).toMatchObject([{ action: 'update', item: { name: 'PAYMENTS' } }]);
    expect(changes[0]?.differences).toEqual(['max_bytes: 5 → 1073741824']);
    expect(plan(wantedItems(), changed('BILLING/payments', { ack_wait: 1 }))).toHaveLength(1);
    expect(plan(wantedItems({ replicas: 3 }), asExisting(wantedItems()))[0]?.differences).toEqual([
      'num_replicas: 1 → 3',
    ]);
  });

  it.each([
    ['PAYMENTS', { storage: 'memory' }],
    ['PAYMENTS', { retention: 'workqueue' }],
    ['DLQ', { deny_purge: true }],
    ['BILLING/payments', { ack_policy: 'none' }],
  ])('refuses to touch anything when %s has %j', (name, difference) => {
    const attempt = () => plan(wantedItems(), changed(name, difference));
    expect(attempt).toThrow(ProvisionConflict);
    expect(attempt).toThrow(`${name} ${Object.keys(difference)[0]}:`);
  });
});
