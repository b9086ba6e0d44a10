import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AuthenticatedRequest } from './auth.ts';
import { PUBLIC, SCOPE } from './auth.ts';
import { Problem } from './problem.ts';
import { TokenVerifier, unauthorized } from './token-verifier.ts';

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** Default deny: a route that says neither `@Public()` nor a scope does not even start, and here it answers 403. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (!token) throw unauthorized();
    const caller = await this.tokens.verify(token);
    request.caller = caller;
    const scope = this.reflector.getAllAndOverride<string | undefined>(SCOPE, targets);
    if (scope === undefined || !caller.scopes.includes(scope)) {
      throw new Problem(403, 'forbidden', `The scope ${scope ?? 'of this route'} is required.`);
    }
    return true;
  }
}
