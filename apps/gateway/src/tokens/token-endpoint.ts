import { Injectable, Logger } from '@nestjs/common';
import { refuseCardData } from '@quittance/service-kit/http/card-data';
import { toProblem } from '@quittance/service-kit/http/problem.filter';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formOf } from '../proxy/card-data.ts';
import { Gatekeeper } from '../proxy/gatekeeper.ts';
import { grantedScopes, invalidClient, OAuthError, presentedSecret, readForm } from './client-authentication.ts';
import { TOKEN_TTL_SECONDS, Tokens } from './tokens.ts';

const FORM_LIMIT_BYTES = 8 * 1024;

/**
 * `POST /oauth/token`: the client credentials grant of RFC 6749. A Fastify route of its own and not a controller,
 * because everything about it is the RFC's and not ours: a form as body, no unknown-field check, and errors of its own
 * form.
 */
@Injectable()
export class TokenEndpoint {
  private readonly logger = new Logger(TokenEndpoint.name);

  constructor(
    private readonly gatekeeper: Gatekeeper,
    private readonly tokens: Tokens,
  ) {}

  async register(fastify: FastifyInstance): Promise<void> {
    await fastify.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string', bodyLimit: FORM_LIMIT_BYTES },
        (_request, body, parsed) => parsed(null, body),
      );
      scope.setErrorHandler((error, _request, reply) => this.fail(error, reply));
      scope.post('/oauth/token', (request, reply) => this.issue(request, reply));
      done();
    });
  }

  private async issue(request: FastifyRequest, reply: FastifyReply) {
    void reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
    if (typeof request.body !== 'string') throw new OAuthError(400, 'invalid_request', 'The body must be a form.');
    refuseCardData(request, { body: formOf(request.body) });
    const form = readForm(request.body);
    const grantType = form.get('grant_type');
    if (grantType === undefined) throw new OAuthError(400, 'invalid_request', 'grant_type is missing.');
    if (grantType !== 'client_credentials') {
      throw new OAuthError(400, 'unsupported_grant_type', 'Only client_credentials is supported.');
    }
    const { clientId, clientSecret } = presentedSecret(form, request.headers.authorization);
    const principal = await this.gatekeeper.checkSecret(request.ip, clientId, clientSecret);
    if (!principal) throw invalidClient();
    this.gatekeeper.count(principal, reply);
    const scopes = grantedScopes(form.get('scope'), principal.scopes);
    return {
      access_token: await this.tokens.issueAccessToken({ ...principal, scopes }),
      token_type: 'Bearer',
      expires_in: TOKEN_TTL_SECONDS,
      scope: scopes.join(' '),
    };
  }

  private fail(error: unknown, reply: FastifyReply): void {
    void reply.header('cache-control', 'no-store');
    if (error instanceof OAuthError) {
      if (error.status === 401) void reply.header('www-authenticate', 'Basic realm="quittance"');
      void reply.status(error.status).send({ error: error.error, error_description: error.description });
      return;
    }
    const { status, detail, extra, cause } = toProblem(error, {});
    if (status >= 500) this.logger.error({ err: cause ?? error }, 'could not issue a token');
    if (extra.retryAfter !== undefined) void reply.header('retry-after', String(extra.retryAfter));
    const code =
      status === 429 || status === 503 ? 'temporarily_unavailable' : status < 500 ? 'invalid_request' : 'server_error';
    // A body of another content type is what the RFC calls an invalid request.
    void reply.status(status === 415 ? 400 : status).send({ error: code, error_description: detail });
  }
}
