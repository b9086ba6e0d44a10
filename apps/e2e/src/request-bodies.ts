import { stack } from './stack.ts';

interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  format?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

interface Document {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema?: Schema }> } }>>;
  components: { schemas: Record<string, Schema> };
}

/** A request of the public API that carries a body, and what its document says of the body. */
export interface WritingOperation {
  name: string;
  method: string;
  path: string;
  contentTypes: string[];
  /** A body that the document allows, with `text` wherever it takes any text. */
  bodyOf(text: string): unknown;
}

/** Every POST, PUT and PATCH of the merged document. */
export async function writingOperations(): Promise<WritingOperation[]> {
  const document = (await (await fetch(`${stack.info.gatewayUrl}/openapi.json`)).json()) as Document;
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    ['post', 'put', 'patch'].flatMap((method) => {
      const operation = methods[method];
      if (!operation) return [];
      const content = operation.requestBody?.content ?? {};
      const bodyOf = (text: string) => sample(document, Object.values(content)[0]?.schema ?? {}, text);
      const name = `${method.toUpperCase()} ${path}`;
      return [{ name, method: method.toUpperCase(), path, contentTypes: Object.keys(content), bodyOf }];
    }),
  );
}

function sample(document: Document, schema: Schema, text: string): unknown {
  const { $ref, oneOf, anyOf, allOf, properties, items } = schema;
  const named = $ref && document.components.schemas[$ref.split('/').at(-1)!];
  const [chosen] = [named, ...(oneOf ?? []), ...(anyOf ?? []), ...(allOf ?? [])].filter(
    (one) => one !== undefined && one !== '',
  );
  if (chosen) return sample(document, chosen, text);
  if (schema.enum) return schema.enum[0];
  if (properties) {
    const values = Object.entries(properties).map(([name, value]) => [name, sample(document, value, text)] as const);
    return Object.fromEntries(values);
  }
  if (items) return [sample(document, items, text)];
  return { integer: 1, number: 1, boolean: true, object: {} }[schema.type ?? ''] ?? text;
}
