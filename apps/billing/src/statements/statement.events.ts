import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { statementDisplayIdOf } from '../domain/statement.ts';
import type { Statement } from '../domain/statement.ts';

/** Its first event is its last: what corrects it is another statement, which names it. */
export function statementIssued(statement: Statement, time: Date): NewEvent {
  const { tenantId, id, number, policyholderLocator, currency, period, sums, dueOn, supersedesId } = statement;
  const wire = (minor: bigint) => toWire({ minor, currency });
  return {
    ...({ type: 'statement.issued', tenantId, subject: id, sequence: 1, time } as const),
    data: {
      ...{ statementLocator: id, displayId: statementDisplayIdOf(number), policyholderLocator },
      ...{ periodStart: period.start, periodEnd: period.end, opening: wire(statement.openingMinor) },
      ...{ charges: wire(sums.charge), fees: wire(sums.fee), payments: wire(sums.payment) },
      ...{ credits: wire(sums.credit), refunds: wire(sums.refund), returnedPayments: wire(sums.returned_payment) },
      ...{ returnPremium: wire(sums.return_premium), closing: wire(statement.closingMinor) },
      ...(dueOn === null ? {} : { dueOn }),
      ...(supersedesId === null ? {} : { supersedes: supersedesId }),
    },
  };
}
