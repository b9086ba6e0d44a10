import { asyncApiDocument } from './asyncapi.ts';
import { catalogue, dataschemaOf, eventTypes, isEventType, sampleOf } from './catalogue.ts';
import type { EventType } from './catalogue.ts';
import { breaks } from './compatibility.ts';
import type { JsonSchema } from './compatibility.ts';

export const eventDocsFolder = 'docs/events';
const suffix = '.schema.json';

/** Everything under docs/events that is generated: path from the repository's root to content. */
export function eventDocs(): Record<string, string> {
  const schemas = eventTypes.map((type): [string, string] => [
    `${eventDocsFolder}/${type}${suffix}`,
    pretty(schemaDocument(type)),
  ]);
  return {
    ...Object.fromEntries(schemas),
    [`${eventDocsFolder}/asyncapi.json`]: pretty(asyncApiDocument()),
  };
}

/** The committed form of one event's data: its schema with the sample inside. */
export function schemaDocument(type: EventType): JsonSchema {
  const { schema, summary, stream } = catalogue[type];
  const { title: _title, ...keywords } = schema;
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: dataschemaOf(type),
    title: type,
    description: `${summary} Stream ${stream}.`,
    ...keywords,
    examples: [sampleOf(type)],
  };
  // Through JSON, so that the builder's own symbols are gone and what is compared is what is written.
  return JSON.parse(JSON.stringify(document)) as JsonSchema;
}

/**
 * Breaks between committed schema documents (path to content, as `eventDocs`) and the catalogue of today. Whoever
 * regenerates asks first: writing over the old document would erase the proof of the break.
 */
export function contractBreaks(committed: Readonly<Record<string, string>>): string[] {
  return Object.entries(committed)
    .filter(([path]) => path.endsWith(suffix))
    .flatMap(([path, content]) => {
      const type = path.slice(path.lastIndexOf('/') + 1, -suffix.length);
      if (!isEventType(type)) return [`${type}: removed from the catalogue`];
      return breaks(JSON.parse(content) as JsonSchema, schemaDocument(type)).map((problem) => `${type}${problem}`);
    });
}

function pretty(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
