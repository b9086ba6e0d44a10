import { stack } from './stack.ts';

interface OpenApiOperation {
  security?: Record<string, string[]>[];
  parameters?: { in: string; name: string }[];
}

/** One operation of the public API, as its document has it. */
export interface Operation {
  name: string;
  method: string;
  path: string;
  /** Absent for those that need no credential. */
  scope: string | undefined;
  /** Whether a partner's signature is the credential, and no other. */
  isSigned: boolean;
  pathIds: string[];
  queryIds: string[];
}

const isId = (name: string): boolean => /(Id|Locator)$/.test(name);

/** Every operation of the merged document, which the gateway makes from its route table. */
export async function operations(): Promise<Operation[]> {
  const response = await fetch(`${stack.info.gatewayUrl}/openapi.json`);
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, OpenApiOperation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security = [], parameters = [] }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      scope: security.flatMap(({ oauth2 = [], signature = [] }) => [...oauth2, ...signature])[0],
      isSigned: security.some(({ signature }) => signature !== undefined),
      pathIds: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
      queryIds: parameters.filter((parameter) => parameter.in === 'query' && isId(parameter.name)).map((p) => p.name),
    })),
  );
}
