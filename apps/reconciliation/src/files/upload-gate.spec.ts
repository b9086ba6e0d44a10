import { UploadGate } from './upload-gate.ts';

const gate = new UploadGate(100);
const busy = () => {
  let end = () => {};
  const work = () => new Promise<void>((resolve) => (end = resolve));
  return { work, end: () => end() };
};

it('lets files in while there is room, one however large, and says when to come again', async () => {
  const [one, two] = [busy(), busy()];
  const first = gate.hold(60, one.work);
  const second = gate.hold(40, two.work);
  await expect(gate.hold(1, async () => {})).rejects.toMatchObject({ status: 503, extra: { retryAfter: 5 } });
  one.end();
  await first;
  await gate.hold(60, async () => {});
  two.end();
  await second;
  await gate.hold(1_000, async () => {});
});

it('forgets a file that failed', async () => {
  const failed = gate.hold(100, async () => {
    throw new Error('no file');
  });
  await expect(failed).rejects.toThrow('no file');
  await gate.hold(100, async () => {});
});
