import { runFaults } from '../../../tools/faults/run.ts';

// The short form of `npm run test:faults`. Money is posted and taken back while kill -9 strikes every service, the
// broker and Postgres, the broker is stopped past its time-outs and once loses all its data.
it('loses nothing and doubles nothing over 2,000 payments and 30 faults', async () => {
  const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 1_000_000));
  const report = await runFaults({
    seed,
    payments: 2_000,
    faults: 30,
    policies: 60,
    rate: 250,
    calmMs: [100, 500],
    log: (line) => process.stdout.write(`  faults ${line}\n`),
  });
  process.stdout.write(`  faults ${JSON.stringify(report)}\n`);
  expect({ seed, findings: report.findings }).toEqual({ seed, findings: [] });
  expect(report.payments).toBeGreaterThanOrEqual(2_000);
  expect(report.faults['wipe nats-server']).toBe(1);
  expect(Object.values(report.faults).reduce((sum, count) => sum + count, 0)).toBe(30);
  // A check over nothing proves nothing.
  expect(report.counted['payments']).toBe(report.payments);
  expect(report.counted['amnesia noticed']).toBe(1);
  expect(report.counted['allocations']).toBeGreaterThan(600);
  expect(report.counted['webhooks for payments']).toBeGreaterThanOrEqual(report.payments + report.reversals);
});
