import { scopes } from '../routes.ts';
import type { OpenApiDocument } from './openapi-document.ts';

/** What the merged document says of itself, and how to authenticate. */
export function frame(): Omit<OpenApiDocument, 'paths'> {
  const description =
    'Every request carries X-Client-ID and X-Client-Secret, or a bearer token from POST /oauth/token; ' +
    'below /x/ it is signed instead. A path below /x/ may end in a slash.';
  const signature =
    'Signature keyId="…",algorithm="hmac-sha512",headers="…",signature="…" over the headers named there, ' +
    'with Date and X-API-Key. The README of the gateway has the text that is signed.';
  const flow = { tokenUrl: '/oauth/token', scopes: Object.fromEntries(scopes.map((scope) => [scope, scope])) };
  return {
    openapi: '3.1.0',
    info: { title: 'Quittance', version: '1', description },
    components: {
      securitySchemes: {
        clientId: { type: 'apiKey', in: 'header', name: 'X-Client-ID' },
        clientSecret: { type: 'apiKey', in: 'header', name: 'X-Client-Secret' },
        signature: { type: 'apiKey', in: 'header', name: 'Authorization', description: signature },
        oauth2: { type: 'oauth2', flows: { clientCredentials: flow } },
      },
    },
  };
}

/** The gateway's own endpoints. */
export function ownPaths(): OpenApiDocument['paths'] {
  const text = { type: 'string' };
  const form = {
    type: 'object',
    required: ['grant_type'],
    properties: {
      grant_type: { const: 'client_credentials' },
      client_id: { ...text, description: 'Absent when the credentials are in the Authorization header (Basic).' },
      client_secret: text,
      scope: { ...text, description: 'Scopes separated by spaces; all of the client when absent.' },
    },
  };
  const token = {
    type: 'object',
    required: ['access_token', 'token_type', 'expires_in', 'scope'],
    properties: { access_token: text, token_type: { const: 'Bearer' }, expires_in: { type: 'integer' }, scope: text },
  };
  const error = { type: 'object', required: ['error'], properties: { error: text, error_description: text } };
  const json = (description: string, schema: unknown) => ({ description, content: { 'application/json': { schema } } });
  return {
    '/oauth/token': {
      post: {
        operationId: 'issueToken',
        summary: 'An access token for five minutes (OAuth 2 client credentials)',
        tags: ['gateway'],
        security: [],
        requestBody: { required: true, content: { 'application/x-www-form-urlencoded': { schema: form } } },
        responses: {
          200: json('The token', token),
          400: json('Not a valid request (RFC 6749, 5.2)', error),
          401: json('The client is not known', error),
        },
      },
    },
    ...portalPath(),
    '/.well-known/jwks.json': {
      get: {
        operationId: 'publicKeys',
        summary: 'The public keys of the tokens that services receive',
        tags: ['gateway'],
        security: [],
        responses: {
          200: json('A JWK Set', {
            type: 'object',
            properties: { keys: { type: 'array', items: { type: 'object' } } },
          }),
        },
      },
    },
  };
}

function portalPath(): OpenApiDocument['paths'] {
  const text = { type: 'string' };
  const endpointIds = { type: 'array', items: { type: 'string', format: 'uuid' }, minItems: 1, maxItems: 100 };
  const body = {
    type: 'object',
    properties: {
      endpointIds: { ...endpointIds, description: 'What the portal is for; all endpoints of the tenant when absent.' },
      readOnly: { type: 'boolean', default: false },
      ttlSeconds: { type: 'integer', minimum: 60, maximum: 3600, default: 3600 },
    },
  };
  const token = {
    type: 'object',
    required: ['token', 'expiresAt', 'scope', 'endpointIds'],
    properties: {
      token: { ...text, description: 'A bearer token; it cannot be called back.' },
      expiresAt: { ...text, format: 'date-time' },
      scope: { ...text, description: 'Scopes separated by spaces.' },
      endpointIds: { ...endpointIds, type: ['array', 'null'] },
    },
  };
  const json = (schema: unknown) => ({ 'application/json': { schema } });
  return {
    '/webhook-portal/token': {
      post: {
        operationId: 'issuePortalToken',
        summary: 'A token for a page that a partner embeds: webhooks only, for an hour at most',
        tags: ['gateway'],
        security: [{ clientId: [], clientSecret: [] }, { oauth2: ['webhooks:write'] }],
        requestBody: { required: false, content: json(body) },
        responses: {
          201: { description: 'The token', content: json(token) },
          400: { description: 'Bad request' },
          401: { description: 'Unauthorized' },
          403: { description: 'Forbidden' },
        },
      },
    },
  };
}
