import { endpointAllowance, retriesMayStart, tenantAllowance } from './allowance.ts';

it('an endpoint may use every free slot up to its limit, and always two', () => {
  expect([256, 40, 10, 1, 0].map((free) => endpointAllowance(free, 32))).toEqual([32, 32, 10, 2, 2]);
  expect(endpointAllowance(256, 1)).toBe(1);
});

it('a tenant twice what is free, and always eight', () => {
  expect([256, 40, 10, 1, 0].map(tenantAllowance)).toEqual([512, 80, 20, 8, 8]);
});

it('F15 retries have three tenths of the free slots while first tries wait, and one always', () => {
  const most = (slots: number, firstTriesWait: boolean) => {
    let used = 0;
    while (used < slots && retriesMayStart(used, slots - used, firstTriesWait)) used += 1;
    return used;
  };
  expect([most(100, true), most(10, true), most(2, true)]).toEqual([30, 3, 1]);
  expect(most(100, false)).toBe(100);
});
