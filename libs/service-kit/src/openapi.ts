import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { createHttpAdapter } from './http/server.ts';

const problemItem = {
  type: 'object',
  required: ['detail'],
  properties: {
    pointer: { type: 'string', description: 'JSON pointer into the body (RFC 6901).' },
    parameter: { type: 'string', description: 'Name of the query or path parameter.' },
    header: { type: 'string', description: 'Name of the header.' },
    detail: { type: 'string' },
  },
};

const problem = {
  type: 'object',
  description: 'An error (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'Where the code is documented.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'Id of the request, also in the X-Request-Id header and in our log.' },
    code: { type: 'string', description: 'For programs: a closed set.' },
    errors: { type: 'array', items: problemItem, description: 'Everything that is wrong, each with its place.' },
    allowedActions: { type: 'array', items: { type: 'string' } },
  },
};

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;
const everywhere = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  429: 'Too many requests',
  503: 'Unavailable',
};
const withBody = { 413: 'Too large', 415: 'Unsupported media type', 422: 'Against a rule' };

/** The OpenAPI 3.1 document of a service, with what all operations share: the errors and the security scheme. */
export function openApiDocument(app: INestApplication, name: string): OpenAPIObject {
  const options = new DocumentBuilder()
    .setTitle(`Quittance ${name}`)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer')
    .addSecurityRequirements('bearer')
    .build();
  const operationIdFactory = (_controller: string, method: string) => method;
  const document = SwaggerModule.createDocument(app, options, { operationIdFactory });
  document.components = { ...document.components };
  document.components.schemas = { ...document.components.schemas, Problem: problem };
  for (const path of Object.values(document.paths)) {
    for (const method of methods) {
      const operation = path[method];
      if (operation) addErrors(operation.responses, operation.requestBody !== undefined);
    }
  }
  return document;
}

function addErrors(responses: Record<string, unknown>, hasBody: boolean): void {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const errors = hasBody ? { ...everywhere, ...withBody } : everywhere;
  for (const [status, description] of Object.entries(errors)) responses[status] ??= { description, content };
}

/** `GET /openapi.json`, without a token: made at the first request, so that it costs the start nothing. */
export function serveOpenApi(app: NestFastifyApplication, name: string): void {
  let document: string | undefined;
  app
    .getHttpAdapter()
    .getInstance()
    .get('/openapi.json', (_request, reply) => {
      document ??= JSON.stringify(openApiDocument(app, name));
      void reply.type('application/json').send(document);
    });
}

/** The document without starting anything: providers are not made, so neither database nor broker is needed. */
export async function describeService(module: Type<object> | DynamicModule, name: string): Promise<OpenAPIObject> {
  const adapter = createHttpAdapter({ bodyLimitBytes: 1_048_576 });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    preview: true,
    abortOnError: false,
    logger: false,
  });
  return openApiDocument(app, name);
}
