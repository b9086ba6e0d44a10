import { isOfPartners, isOpen, pathShape } from '../routes.ts';
import type { Route, Service } from '../routes.ts';
import type { OpenApiDocument, Operation } from './openapi-document.ts';
import { frame, ownPaths } from './own-document.ts';

export type ServiceDocuments = Partial<Record<Service, OpenApiDocument>>;

const SCHEMA_REF = '#/components/schemas/';

/**
 * One document of what the outside may call: exactly the operations of the route table, each with its scope. A schema
 * name that two services use for different things gets the service's name in front.
 */
export function mergeOpenApi(documents: ServiceDocuments, routes: readonly Route[]): OpenApiDocument {
  const merged: OpenApiDocument = { ...frame(), paths: ownPaths() };
  const schemas: Record<string, unknown> = {};
  for (const [service, document] of Object.entries(documents) as [Service, OpenApiDocument][]) {
    const renamed = withFreeNames(document, service, schemas);
    Object.assign(schemas, usedSchemas(renamed, operationsOf(renamed, service, routes)));
    for (const { path, method, operation, route } of operationsOf(renamed, service, routes)) {
      const item = (merged.paths[path] ??= {});
      item[method] = { ...operation, tags: [service], security: securityFor(route) };
    }
  }
  merged.components = { ...merged.components, schemas };
  return merged;
}

/** Routes of the table that no service documents: the merged document would be silent about them. */
export function undocumentedRoutes(documents: ServiceDocuments, routes: readonly Route[]): string[] {
  return routes
    .filter(({ service, method, path }) => !findOperation(documents[service], method, path))
    .map(({ method, path, service }) => `${method} ${path} (${service})`);
}

interface FoundOperation {
  path: string;
  method: string;
  operation: Operation;
  route: Route;
}

function operationsOf(document: OpenApiDocument, service: Service, routes: readonly Route[]): FoundOperation[] {
  return routes
    .filter((route) => route.service === service)
    .flatMap((route) => {
      const found = findOperation(document, route.method, route.path);
      return found ? [{ ...found, route }] : [];
    });
}

function findOperation(document: OpenApiDocument | undefined, method: string, path: string) {
  if (!document) return undefined;
  const key = method.toLowerCase();
  // The service's own spelling: its parameters are declared under these names.
  const spelled = Object.keys(document.paths).find((candidate) => pathShape(candidate) === pathShape(path));
  const operation = spelled === undefined ? undefined : document.paths[spelled]?.[key];
  return operation && { path: spelled!, method: key, operation };
}

/** The document with every schema renamed whose name another service took for something else. */
function withFreeNames(document: OpenApiDocument, service: Service, taken: Record<string, unknown>): OpenApiDocument {
  const own = document.components?.['schemas'] ?? {};
  const renames = new Map<string, string>();
  for (const [name, schema] of Object.entries(own)) {
    if (name in taken && JSON.stringify(taken[name]) !== JSON.stringify(schema)) {
      renames.set(name, `${service[0]!.toUpperCase()}${service.slice(1)}${name}`);
    }
  }
  if (renames.size === 0) return document;
  const renamed = JSON.parse(JSON.stringify(document), (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string' || !value.startsWith(SCHEMA_REF)) return value;
    const name = value.slice(SCHEMA_REF.length);
    return SCHEMA_REF + (renames.get(name) ?? name);
  }) as OpenApiDocument;
  const schemas = Object.entries(renamed.components!['schemas']!).map(([name, schema]) => [
    renames.get(name) ?? name,
    schema,
  ]);
  return {
    ...renamed,
    components: { ...renamed.components, schemas: Object.fromEntries(schemas) as Record<string, unknown> },
  };
}

/** Only what the kept operations refer to, directly or through another schema. */
function usedSchemas(document: OpenApiDocument, operations: readonly FoundOperation[]): Record<string, unknown> {
  const all = document.components?.['schemas'] ?? {};
  const used: Record<string, unknown> = {};
  const waiting = operations.flatMap(({ operation }) => referencedNames(operation));
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in used || !(name in all)) continue;
    used[name] = all[name];
    waiting.push(...referencedNames(all[name]));
  }
  return used;
}

function referencedNames(value: unknown): string[] {
  const names: string[] = [];
  JSON.stringify(value, (key, inner: unknown) => {
    if (key === '$ref' && typeof inner === 'string' && inner.startsWith(SCHEMA_REF))
      names.push(inner.slice(SCHEMA_REF.length));
    return inner;
  });
  return names;
}

function securityFor(route: Route): Record<string, string[]>[] {
  const { scope } = route;
  // An empty list is OpenAPI's word for "asks for nothing".
  if (isOpen(scope)) return [];
  if (isOfPartners(route)) return [{ signature: [scope] }];
  return [{ clientId: [], clientSecret: [] }, { oauth2: [scope] }];
}
