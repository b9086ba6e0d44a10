import { offerReinstatement } from './reinstatement-offer.ts';

const lapse = {
  ...{ lapsedOn: '2025-04-11', pastDueMinor: 20_000n, feeMinor: 2_500n, toleranceMinor: 100n, windowDays: 30 },
};

describe('money after a lapse', () => {
  it.each([
    [22_500n, true],
    [22_400n, true],
    [22_399n, false],
  ])('S-61: 225.00 are required, with a tolerance of 1.00; %s: %s', (received, isEnough) => {
    expect(offerReinstatement(lapse, received, '2025-04-21')).toEqual({
      ...{
        requiredMinor: 22_500n,
        feeMinor: 2_500n,
        receivedMinor: received,
        isEnough,
        windowEndOn: '2025-05-11',
        lapseDays: 10,
      },
    });
  });

  it('S-63: is no offer any more once the window has passed', () => {
    expect(offerReinstatement(lapse, 22_500n, '2025-05-11')).not.toBeNull();
    expect(offerReinstatement(lapse, 22_500n, '2025-05-12')).toBeNull();
  });
});
