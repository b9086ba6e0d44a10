import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { describeChange, provision, ProvisionConflict, wantedItems } from './provision.ts';

describe('provisioning a broker as the provisioner user', () => {
  let nats: TestNats;
  let connection: NatsConnection;

  beforeEach(async () => {
    nats = await startTestNats({ streams: false });
    connection = await nats.connect('provisioner');
  });

  afterEach(async () => {
    await connection.close();
    await nats.stop();
  });

  it('makes everything once, and nothing the second time', async () => {
    expect(await provision(connection)).toHaveLength(wantedItems().length);
    expect(await provision(connection)).toEqual([]);
  });

  it('makes a broker that lost its data whole again', async () => {
    await provision(connection);
    await nats.restart({ loseData: true });
    await connection.close();
    connection = await nats.connect('provisioner');
    expect((await provision(connection)).map(({ action }) => action)).toEqual(wantedItems().map(() => 'create'));
  });

  it('brings a changed stream back in place', async () => {
    await provision(connection);
    const manager = await jetstreamManager(connection);
    await manager.streams.update('PAYMENTS', { max_age: 3_600_000_000_000 });
    const changes = await provision(connection);
    expect(changes.map(describeChange)).toEqual([
      'updated stream PAYMENTS (max_age: 3600000000000 → 1209600000000000)',
    ]);
    expect(await provision(connection)).toEqual([]);
  });

  it('refuses a stream that was made otherwise, and makes nothing else meanwhile', async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'PAYMENTS', subjects: ['payment.>'], storage: 'memory' });
    await expect(provision(connection)).rejects.toThrow(ProvisionConflict);
    await expect(manager.streams.info('BILLING')).rejects.toThrow('stream not found');
  });
});
