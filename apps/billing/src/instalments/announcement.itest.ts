import type { QuittanceEvent } from '@quittance/events/envelope';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { eventually } from '@quittance/testing/eventually';
import { InvoiceRepository } from '../invoices/invoice.repository.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import { eventOf, policyBody, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { InstalmentEntity } from './instalment.entity.ts';
import { dueData } from './instalment.events.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling();
});
afterAll(() => billing.stop());

/** What is undone again. */
class Undone extends Error {}

/** The event that `Outbox` makes of the same instalment as it stands now, for the same reason. */
async function madeInTheProcess(said: QuittanceEvent, cause?: QuittanceEvent): Promise<QuittanceEvent> {
  const { app } = billing.service;
  const { tenantid: tenantId, subject: id } = said;
  let made: QuittanceEvent | undefined;
  const attempt = app.get(Database).tx(async (tx: Tx) => {
    const instalment = await tx.manager.findOneByOrFail(InstalmentEntity, { tenantId, id });
    const [invoice] = await tx.query<{ id: string }>('SELECT id FROM invoices WHERE instalment_id = $1', [id]);
    const [policy, schedule, items] = [
      (await app.get(PolicyRepository).find(tx, tenantId, instalment.policyLocator))!,
      (await app.get(ScheduleRepository).find(tx, { tenantId, id: instalment.scheduleId }))!,
      (await app.get(InvoiceRepository).items(tx, tenantId, [invoice!.id])).get(invoice!.id) ?? [],
    ];
    const context = { policy, lines: items, invoiceId: invoice!.id, paidThrough: schedule.paidThrough };
    const { autopayOn, version: sequence } = instalment;
    const data = dueData(instalment, context, { attempt: 1, autopayOn });
    const time = new Date(said.time);
    await app.get(Outbox).append(tx, [{ type: 'instalment.due', tenantId, subject: id, sequence, data, time, cause }]);
    const [row] = await tx.query<{ body: Buffer }>(
      'SELECT body FROM event_log WHERE subject = $1 ORDER BY seq DESC LIMIT 1',
      [id],
    );
    made = JSON.parse(row!.body.toString()) as QuittanceEvent;
    throw new Undone();
  });
  await attempt.catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
  return made!;
}

async function firstDue(tenantId: string, said: Record<string, unknown>): Promise<QuittanceEvent> {
  const api = await billing.api(tenantId);
  const { status, body } = await api.post<{ locator: string }>('/policies', policyBody(said));
  expect({ status, body }).toMatchObject({ status: 201 });
  return (await billing.eventsOf(tenantId)).find(({ type }) => type === 'instalment.due')!;
}

describe('the event that Postgres writes is the one that the outbox would have written', () => {
  const awkward = 'O"Brien\\ & Söhne 💶 </script> \u007f';
  const charge = (amount: string) => [
    { category: 'premium', amount },
    { category: 'tax', code: 'IPT', amount: '12' },
  ];

  it.each([
    ['with a method', {}],
    ['without one', { collection: 'invoice', paymentMethodId: undefined }],
    ['where a name needs escaping', { policyholderLocator: awkward, paymentMethodId: awkward }],
    ['in yen, which have no decimals', { currency: 'JPY', charges: charge('280') }],
    ['in dinars, which have three', { currency: 'KWD', charges: charge('0.012') }],
    ['in unidades de fomento, which have four', { currency: 'CLF', charges: charge('1.0001') }],
    ['of cents', { charges: [{ category: 'premium', amount: '0.12' }] }],
    ['of more than a float can say', { charges: [{ category: 'premium', amount: '9000000000000.07' }] }],
    ['of all categories', { charges: ['premium', 'fee', 'surcharge'].map((category) => ({ category, amount: '60' })) }],
  ])('%s', async (_name, said) => {
    const due = await firstDue(newId(), said);
    const made = await madeInTheProcess(due);
    expect(Object.keys(due)).toEqual(Object.keys(made));
    expect({ ...due, correlationid: null, id: null }).toEqual({ ...made, correlationid: null, id: null });
    expect([due.correlationid, made.correlationid]).toEqual([due.id, made.id]);
    expect(due.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('with the event that caused it', async () => {
    const tenantId = newId();
    const data = { ...policyBody(), policyLocator: newId() } as never;
    const cause = { ...eventOf({ type: 'policy.issued', tenantId, data }), correlationid: newId() };
    await billing.publish(cause);
    const due = await eventually(async () =>
      (await billing.eventsOf(tenantId)).find(({ type }) => type === 'instalment.due'),
    );
    const made = await madeInTheProcess(due, cause);
    expect(made).toMatchObject({ causationid: cause.id, correlationid: cause.correlationid });
    expect({ ...due, id: null }).toEqual({ ...made, id: null });
  });
});
