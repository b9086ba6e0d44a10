import { Parser } from '@asyncapi/parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { asyncApiDocument } from './asyncapi.ts';
import { catalogue, eventTypes } from './catalogue.ts';
import { sampleEvent } from './samples.ts';

const addFormats = ((formats as { default?: unknown }).default ?? formats) as (ajv: Ajv2020) => Ajv2020;
const json = JSON.stringify(asyncApiDocument());

/** What the parser calls an error; a hint that a newer AsyncAPI exists is none. */
async function parsed(source: string) {
  const { document, diagnostics } = await new Parser().parse(source);
  const errors = diagnostics.filter(({ severity }) => Number(severity) === 0).map(({ message }) => message);
  return { document, errors };
}

describe('the AsyncAPI document', () => {
  it('is valid AsyncAPI 3.0 with every event on its own channel', async () => {
    const { document, errors } = await parsed(json);
    expect(errors).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
    const channels = document?.channels().all() ?? [];
    expect(channels.map((channel) => channel.address()).sort()).toEqual([...eventTypes].sort());
  });

  it.each([
    ['an operation on no channel', '"$ref":"#/channels/payment.posted"', '"$ref":"#/channels/none"'],
    ['a schema that is none', '"type":"integer"', '"type":"decimal"'],
    ['no version', '"asyncapi":"3.0.0",', ''],
  ])('would not pass the parser with %s', async (_fault, good, bad) => {
    expect(json).toContain(good);
    expect((await parsed(json.replace(good, bad))).errors).not.toEqual([]);
  });

  // The parser does not look at examples of a 3.0 document, so they are checked against the payload here.
  const ajv = addFormats(new Ajv2020({ strict: false })).addSchema(JSON.parse(json) as object, 'document');
  it.each(eventTypes)('describes the sample of %s', (type) => {
    const validate = ajv.compile({ $ref: `document#/components/messages/${type}/payload` });
    const sample = sampleEvent(type);
    expect(validate(sample) || validate.errors).toBe(true);
    expect(validate({ ...sample, data: {} })).toBe(false);
    expect(validate({ ...sample, type: 'payment.other' })).toBe(false);
  });

  it('sends what our services publish and receives what policy systems tell us', () => {
    const { operations } = asyncApiDocument() as { operations: Record<string, { action: string }> };
    const actions = eventTypes.map((type) => [type, operations[`send.${type}`] !== undefined]);
    expect(actions).toEqual(eventTypes.map((type) => [type, catalogue[type].stream !== 'POLICY']));
    expect(operations['receive.policy.issued']?.action).toBe('receive');
  });
});
