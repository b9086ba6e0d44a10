import { KnownHealthy } from './known-healthy.ts';

const begun = () => {
  const healthy = new KnownHealthy();
  healthy.asking('e');
  return healthy;
};

it('is known from its first success on, for this epoch only', () => {
  const healthy = begun();
  expect(healthy.has('e', '7')).toBe(false);
  healthy.recovered('e', '7');
  expect(healthy.has('e', '7')).toBe(true);
  expect(healthy.has('e', '8')).toBe(false);
});

it('a failure that began before and ends after the success’s batch is not forgotten', () => {
  const healthy = new KnownHealthy();
  healthy.failed('e');
  healthy.asking('e');
  healthy.recovered('e', '7');
  healthy.failed('e');
  expect(healthy.has('e', '7')).toBe(false);
});

it('a failure that begins while a success is written is not forgotten', () => {
  const healthy = begun();
  healthy.failed('e');
  healthy.recovered('e', '7');
  expect(healthy.has('e', '7')).toBe(false);
});

it('a failure that ends while a success is written is not forgotten', () => {
  const healthy = new KnownHealthy();
  healthy.failed('e');
  healthy.asking('e');
  healthy.failed('e');
  healthy.recovered('e', '7');
  expect(healthy.has('e', '7')).toBe(false);
});
