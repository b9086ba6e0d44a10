import { Injectable } from '@nestjs/common';
import { Problem } from '@quittance/service-kit/http/problem';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignatureAuthenticator } from '../api-keys/signature-authenticator.ts';
import type { SignedCaller } from '../api-keys/signature-authenticator.ts';
import type { Principal } from '../clients/client.ts';
import type { Scope } from '../routes.ts';
import { Gatekeeper, unauthorized } from './gatekeeper.ts';

/** One answer for every reason, as for clients. */
const refused = () => unauthorized('A valid signature is required.');

/**
 * Who may pass on the paths of partners. A signature and nothing else: what a client holds is no credential here. The
 * signature, the rate, the partner of the path and the scope are looked at before the body is read, its digest and
 * whether the signature is new once it is there.
 */
@Injectable()
export class PartnerGate {
  private readonly callers = new WeakMap<FastifyRequest, SignedCaller>();

  constructor(
    private readonly gatekeeper: Gatekeeper,
    private readonly signatures: SignatureAuthenticator,
  ) {}

  /** Without a promise for a key seen before. Throws a `Problem`. */
  admit(request: FastifyRequest, reply: FastifyReply, scope: Scope): Principal | Promise<Principal> {
    if (holdsOther(request)) throw refused();
    const { method, headers } = request;
    const signed = { method, target: request.raw.url ?? '', headers };
    const recalled = this.signatures.recall(signed);
    if (recalled) return this.pass(request, reply, { caller: recalled, scope });
    return this.gatekeeper
      .unlessBlocked(request.ip, () => this.signatures.authenticate(signed))
      .then((caller) => {
        if (!caller) throw refused();
        return this.pass(request, reply, { caller, scope });
      });
  }

  /** With the body as it came. Throws a `Problem`. */
  async checkBody(request: FastifyRequest): Promise<void> {
    const caller = this.callers.get(request);
    const { body = Buffer.alloc(0) } = request;
    if (!caller) throw refused();
    if (!Buffer.isBuffer(body)) throw new Problem(415, 'unsupported_media_type', 'The body has to be JSON.');
    if (await this.signatures.isWhole(caller, body)) return;
    this.gatekeeper.failed(request.ip);
    throw refused();
  }

  private pass(
    request: FastifyRequest,
    reply: FastifyReply,
    { caller, scope }: { caller: SignedCaller; scope: Scope },
  ) {
    const principal = this.gatekeeper.pass(caller.principal, reply, scope);
    const { partner_id: named } = request.params as { partner_id?: string };
    // Another partner's path is one that does not exist.
    if (named !== caller.partnerId) throw new Problem(404, 'not_found', 'There is nothing at this path.');
    this.callers.set(request, caller);
    return principal;
  }
}

function holdsOther({ headers }: FastifyRequest): boolean {
  return headers['x-client-id'] !== undefined || headers['x-client-secret'] !== undefined;
}
