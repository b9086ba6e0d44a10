import { runKeys } from '../../../tools/faults/keys/run.ts';

// The short form of `npm run test:faults -- keys`. Every key is sent by two clients at once while kill -9 strikes two
// processes of payments, and the line to the provider loses answers after the provider has charged.
it('charges once and answers alike for ever: 600 keys, 12 kills, 20 lost answers', async () => {
  const seed = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 1_000_000));
  const report = await runKeys({
    ...{ seed, keys: 600, kills: 12, lostAnswers: 20, calmMs: [800, 1_600] },
    log: (line) => process.stdout.write(`  keys ${line}\n`),
  });
  process.stdout.write(`  keys ${JSON.stringify(report)}\n`);
  expect({ seed, findings: report.findings }).toEqual({ seed, findings: [] });
  expect(report.counted).toMatchObject({
    ...{ 'answered keys': 600, 'provider charges': 600, payments: 600, 'posted events': 600 },
    // two clients each, and both once more in the end
    answers: 1_800,
  });
  expect(report.reuseProbes).toEqual({ sent: 600, refused: 600 });
  // A check over nothing proves nothing: the faults were there, and what they lead to was walked through.
  expect([report.kills, report.lostAnswers]).toEqual([12, 20]);
  expect(report.counted['leases taken over']).toBeGreaterThan(0);
  expect(report.counted['replays']).toBeGreaterThanOrEqual(1_200);
  // A client that makes a new key for each try does pay twice, and the audit says so.
  expect(report.control.found).toMatchObject({ 'order that was not charged exactly once': report.control.orders });
});
