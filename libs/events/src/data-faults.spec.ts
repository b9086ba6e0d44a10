import { partnerEventTypes, sampleOf } from './catalogue.ts';
import { dataFaults } from './data-faults.ts';

describe('dataFaults', () => {
  it.each(partnerEventTypes)('%s: the sample has none', (type) => {
    expect(dataFaults(type, sampleOf(type))).toEqual([]);
  });

  it('names each place, and each only once', () => {
    const { amount: _missing, ...data } = { ...sampleOf('payment.posted'), postedTimestamp: 'yesterday' } as Record<
      string,
      unknown
    >;
    expect(dataFaults('payment.posted', data).map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/amount', '/postedTimestamp']),
    );
    expect(dataFaults('payment.posted', [])).toEqual([{ pointer: '', detail: expect.any(String) }]);
  });

  it('fields that the schema does not know are fine: schemas grow', () => {
    expect(dataFaults('payment.posted', { ...sampleOf('payment.posted'), later: 1 })).toEqual([]);
  });
});
