import { headers } from '@nats-io/transport-node';
import { sampleEvent } from '@quittance/events/samples';
import { isWrittenByOutsiders, maskLetter, refuseCardDataIn } from './foreign-events.ts';

const PAN = '4111111111111111';

it('only the stream of policy systems is written by outsiders', () => {
  const streams = ['PAYMENTS', 'BILLING', 'RECONCILIATION', 'WEBHOOKS', 'POLICY'];
  expect(streams.filter(isWrittenByOutsiders)).toEqual(['POLICY']);
});

it('an event with card data is refused in words that hold none of it, one without passes, whatever its trace', () => {
  const event = { ...sampleEvent('policy.issued'), traceparent: `00-0af7651916cd43dd8448eb211c80319c-${PAN}-01` };
  expect(() => refuseCardDataIn(event)).not.toThrow();
  const bad = { ...event, subject: PAN, data: { ...event.data, note: PAN, cvv: '123' } };
  expect(() => refuseCardDataIn(bad)).toThrow('data: holds card data in 3 places');
});

describe('a dead letter', () => {
  const kept = (body: string) => {
    const given = headers();
    given.append('ce-note', PAN);
    const letter = maskLetter({ subject: `policy.${PAN}`, body: Buffer.from(body), headers: given, place: '7' });
    expect([letter.subject, letter.headers?.get('ce-note'), letter.place]).toEqual([
      ...['policy.************1111', '************1111', '7'],
    ]);
    return Buffer.from(letter.body).toString();
  };

  it('is kept without card data', () => {
    expect(kept(`{"a": {"cvv": 1, "b": "\\u0034111111111111111"}}`)).toBe(
      '{"a":{"cvv":"[masked]","b":"************1111"}}',
    );
  });

  it('is kept as it came when it holds none in its body, and masked where it is no JSON', () => {
    expect(kept('{"a": 1}')).toBe('{"a": 1}');
    expect(kept('no json')).toBe('no json');
    expect(kept(`no json ${PAN}`)).toBe('no json ************1111');
  });
});
