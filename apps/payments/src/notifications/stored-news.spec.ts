import type { ProviderNotification } from '../providers/notification.ts';
import { fromStored, toStored } from './stored-news.ts';

const said = { provider: 'sandbox', id: 'ntf_1', occurredAt: new Date('2026-01-15T12:00:00.000Z') } as const;
const amount = { amountMinor: 9_007_199_254_740_993n, currency: 'USD' };
const news: ProviderNotification[] = [
  {
    ...said,
    ...{ kind: 'outcome', operation: 'charge', key: 'p1_1' },
    outcome: { kind: 'authorised', ref: '2026-01-15', ...amount, expiresAt: new Date('2026-01-22T12:00:00.000Z') },
  },
  { ...said, ...amount, kind: 'returned', chargeRef: 'ch_1', scheme: 'ach', code: 'R01', returnedOn: '2026-01-16' },
  {
    ...{ ...said, ...amount, kind: 'dispute', disputeRef: 'dp_1', chargeRef: 'ch_1', stage: 'chargeback' },
    ...{ state: 'opened', feeMinor: 1_500n, reasonCode: '4837', decidedOn: null },
    evidenceDueAt: new Date('2026-01-22T12:00:00.000Z'),
  },
  { ...said, kind: 'method', token: '4242', change: 'revoked', instrument: null, reason: 'customer' },
];

it.each(news.map((each) => [each.kind, each] as const))(
  'comes back from the table as it went in: %s',
  (_kind, each) => {
    expect(fromStored(JSON.parse(toStored(each)) as object)).toEqual(each);
  },
);
