import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { catalogue, eventTypes, isEventType, partnerEventTypes, sampleOf } from './catalogue.ts';
import { isPartnerVisible } from './definition.ts';
import { sampleEvent } from './samples.ts';
import { story } from './story.ts';
import { streamFor, streams } from './topology.ts';

// ajv-formats is CommonJS: its default export is the plugin itself, whatever the loader wraps it in.
const addFormats = ((formats as { default?: unknown }).default ?? formats) as (ajv: Ajv2020) => Ajv2020;
const ajv = addFormats(new Ajv2020({ allErrors: true }));

/** Mutable copy as plain JSON: what a reader of another language would have. */
function copyOf(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}

describe('catalogue', () => {
  it.each(eventTypes)('the sample of %s is valid and may carry fields of a later version', (type) => {
    const validate = ajv.compile(copyOf(catalogue[type].schema));
    expect(validate(sampleOf(type)) || validate.errors).toBe(true);
    expect(validate({ ...copyOf(sampleOf(type)), addedLater: { a: 1 } })).toBe(true);
  });

  it.each(eventTypes)('%s without any one of its required fields is invalid', (type) => {
    const validate = ajv.compile(copyOf(catalogue[type].schema));
    const required = catalogue[type].schema['required'] as string[];
    expect(required.length).toBeGreaterThan(0);
    for (const field of required) {
      const { [field]: _removed, ...rest } = copyOf(sampleOf(type));
      expect([field, validate(rest)]).toEqual([field, false]);
    }
  });

  it.each(eventTypes)('%s is named by noun and past participle, and filed under its own name', (type) => {
    expect(type).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
    expect(catalogue[type].type).toBe(type);
    expect(catalogue[type].summary).toMatch(/^[A-Z].*\.$/);
  });

  it.each(eventTypes)('%s is inside the subjects of exactly its stream', (type) => {
    const holders = Object.values(streams).filter(({ subjects }) =>
      subjects.some((pattern) => pattern === type || (pattern.endsWith('.>') && type.startsWith(pattern.slice(0, -1)))),
    );
    expect(holders.map(({ name }) => name)).toEqual([catalogue[type].stream]);
    expect(streamFor(type)).toBe(catalogue[type].stream);
  });

  it.each(eventTypes)('the sample event of %s names its aggregate and producer', (type) => {
    const event = sampleEvent(type);
    expect(event.source).toBe(`/quittance/${catalogue[type].producer}`);
    expect(event.subject).not.toBe(story.eventId);
  });

  it('knows its own types only', () => {
    expect(isEventType('payment.posted')).toBe(true);
    expect(isEventType('payment.posted.v2')).toBe(false);
    expect(isEventType('toString')).toBe(false);
  });

  it('shows partners money and billing, never tokens, books or our own plumbing', () => {
    expect(partnerEventTypes).toEqual(expect.arrayContaining(['payment.posted', 'instalment.paid', 'invoice.issued']));
    expect(partnerEventTypes.map((type) => type.split('.')[0])).not.toContain('payment_method');
    const hidden = ['journal_entry.posted', 'allocation.created', 'webhook_endpoint.disabled', 'test_clock.advanced'];
    expect(hidden.filter(isPartnerVisible)).toEqual([]);
    expect(['refund.succeeded', 'payment_link.completed', 'receipt.issued'].every(isPartnerVisible)).toBe(true);
    expect(isPartnerVisible('settlement_batch.unbalanced')).toBe(false);
  });
});

describe('the story the samples tell', () => {
  const schedule = sampleOf('schedule.created');
  const minor = (lines: { category: string; amount: { amountMinor: number } }[], category: string) =>
    lines.filter((line) => line.category === category).reduce((sum, line) => sum + line.amount.amountMinor, 0);

  it('spreads 308.00 over twelve as 8 x 25.67 and 4 x 25.66', () => {
    const amounts = schedule.instalments.map((instalment) => instalment.amount.amount);
    expect(amounts).toEqual([...Array(8).fill('25.67'), ...Array(4).fill('25.66')]);
    expect(schedule.total).toEqual({ amount: '308.00', amountMinor: 30800, currency: 'USD' });
  });

  it('adds up in rows and in columns: 28.00 tax, 280.00 premium', () => {
    for (const { amount, lines } of schedule.instalments) {
      expect(minor(lines, 'tax') + minor(lines, 'premium')).toBe(amount.amountMinor);
    }
    const all = schedule.instalments.flatMap((instalment) => instalment.lines);
    expect([minor(all, 'tax'), minor(all, 'premium')]).toEqual([2800, 28000]);
  });

  it('covers the term without a gap', () => {
    const starts = schedule.instalments.map((instalment) => instalment.periodStart);
    const ends = schedule.instalments.map((instalment) => instalment.periodEnd);
    expect(ends.slice(0, -1)).toEqual(starts.slice(1));
    expect([starts[0], ends.at(-1)]).toEqual(['2025-01-01', '2026-01-01']);
  });

  it('posts a balanced journal entry, with exactly one side on each line', () => {
    const { lines } = sampleOf('journal_entry.posted');
    const net = lines.reduce((sum, line) => sum + (line.debit?.amountMinor ?? 0) - (line.credit?.amountMinor ?? 0), 0);
    expect(net).toBe(0);
    const validate = ajv.compile(copyOf(catalogue['journal_entry.posted'].schema));
    const both = copyOf(sampleOf('journal_entry.posted'));
    both['lines'] = lines.map((line) => ({ ...line, debit: lines[0]?.debit, credit: lines[1]?.credit }));
    expect(validate(both)).toBe(false);
  });
});
