// Step 7: the same story over NATS, from a policy system outside.
import { randomUUID } from 'node:crypto';
import { policyBody } from './first-month.ts';
import type { Registered } from './first-month.ts';
import type { Schedule, Stage } from './stage.ts';

interface Issue {
  policyLocator: string;
  data: Record<string, unknown>;
}

/** Published three times, twice with the same id and once with a new one; what comes of it is one policy. */
export async function issueOverNats(stage: Stage, registered: Registered, businessDate: string) {
  const issue = newIssue(registered, businessDate);
  const [id, otherId] = [randomUUID(), randomUUID()];
  for (const each of [id, id, otherId]) await publish(stage, each, issue);
  // the stream is read in order: once a policy behind the three is there, all three have been read
  const last = newIssue(registered, businessDate);
  await publish(stage, randomUUID(), last);
  const { policyLocator } = issue;
  await scheduleFor(stage, last.policyLocator);
  const schedule = await scheduleFor(stage, policyLocator);
  const posted = await stage.until('payment.posted of the policy from NATS', () =>
    stage.listener.all('payment.posted', (data) => data.policyLocator === policyLocator).at(0),
  );
  await stage.until('the webhook payment.posted of the policy from NATS', () =>
    stage.partner.find('payment.posted', ({ locator }) => locator === posted.data.locator),
  );
  const count = (type: 'schedule.created' | 'payment.posted') =>
    stage.listener.all(type, (data) => data.policyLocator === policyLocator).length;
  const { items } = await stage.get<{ items: Schedule[] }>(`/schedules?policyLocator=${policyLocator}`);
  const { payments } = await stage.get<{ payments: unknown[] }>(`/payments?policyLocator=${policyLocator}`);
  return {
    policyLocator,
    published: 3,
    policies: (await stage.get<{ locator: string }>(`/policies/${policyLocator}`)).locator === policyLocator ? 1 : 0,
    schedules: items.length,
    payments: payments.length,
    announced: { schedules: count('schedule.created'), payments: count('payment.posted') },
    total: schedule.total,
    first: posted.data.amount.amount,
  };
}

function newIssue({ policyholder, method }: Registered, businessDate: string): Issue {
  const policyLocator = randomUUID();
  return { policyLocator, data: { policyLocator, ...policyBody(policyholder, businessDate, method.id) } };
}

function publish(stage: Stage, id: string, { data }: Issue): Promise<void> {
  return stage.policySystem.publish({ id, type: 'policy.issued', tenantid: stage.tenant.id, data });
}

function scheduleFor(stage: Stage, policyLocator: string): Promise<Schedule> {
  return stage.until('the schedule of the policy from NATS', async () => {
    const { items } = await stage.get<{ items: Schedule[] }>(`/schedules?policyLocator=${policyLocator}`);
    const [found] = items;
    return found && stage.get<Schedule>(`/schedules/${found.id}`);
  });
}
