import { Body, Controller, Get, HttpCode, Module, Post, Query } from '@nestjs/common';
import { DiscoveryModule, NestFactory, Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { randomUUID } from 'node:crypto';
import { createLogger } from '../telemetry/logger.ts';
import { amountOf, IsAmount } from './amounts.ts';
import { Caller, Public, RequireScope } from './auth.ts';
import { AuthGuard } from './auth.guard.ts';
import { installHttp } from './install.ts';
import { CursorQuery, decodeCursor, keysetPage } from './page.ts';
import { PathId } from './path-id.ts';
import { notFound } from './problem.ts';
import type { ProblemDocument } from './problem.ts';
import { createHttpAdapter } from './server.ts';
import { TokenVerifier } from './token-verifier.ts';

class Charge {
  @IsIn(['premium', 'tax'])
  category: string;

  @IsAmount()
  amount: string | number;
}

class CreateOrder {
  @IsString()
  @MaxLength(10)
  currency: string;

  @IsOptional()
  @IsInt()
  count?: number;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Charge)
  charges: Charge[];
}

class OrdersQuery extends CursorQuery {
  @IsOptional()
  @IsString({ each: true })
  name?: string | string[];
}

class ToyDomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: string,
    readonly context: Record<string, unknown> = {},
  ) {
    super('The order is closed.');
  }
}

@Controller('orders')
export class OrdersController {
  @Post()
  @RequireScope('toy:write')
  create(@Body() dto: CreateOrder, @Caller() caller: Caller) {
    const total = dto.charges.map(({ amount }, at) => amountOf(amount, dto.currency, `/charges/${at}/amount`));
    return { tenant: caller.tenantId, minor: total.map(({ minor }) => String(minor)) };
  }

  @Get()
  @RequireScope('toy:read')
  list(@Query() query: OrdersQuery) {
    const after = decodeCursor(query.cursor);
    const rows = [{ id: '0199a3c4-7f1e-7b52-9c1d-3e5f60718293' }, { id: '0199a3c4-7f1e-7b52-9c1d-3e5f60718292' }];
    const page = keysetPage(after ? rows.slice(1) : rows, query.limit, ({ id }) => id);
    return { items: page.rows, nextCursor: page.next };
  }

  @Get('broken')
  @Public()
  broken(): never {
    throw new Error('SELECT secret FROM vault', { cause: new Error('at /srv/private.ts') });
  }

  @Get('database-away')
  @Public()
  databaseAway(): never {
    throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' });
  }

  @Get('closed')
  @Public()
  closed(): never {
    const members = { remaining: '40.00', code: 'of no member' };
    throw new ToyDomainError('order_closed', {
      ...{ allowedActions: ['reopen'], errors: [{ pointer: '/a', detail: 'no' }], members },
    });
  }

  @Get('uncatalogued')
  @Public()
  uncatalogued(): never {
    throw new ToyDomainError('toString');
  }

  @Post('reverse')
  @HttpCode(200)
  @Public()
  reverse(@Body() dto: CursorQuery) {
    return dto;
  }

  @Post('untyped')
  @Public()
  untyped(@Body() body: object) {
    return body;
  }

  @Get(':id')
  @RequireScope('toy:read')
  get(@PathId('id', 'order') id: string) {
    throw notFound('order', id);
  }
}

export const issuer = 'https://issuer.test';
export const tenantId = randomUUID();

interface TokenParts {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  expiresIn?: string;
}

interface Sent {
  payload?: string;
  auth?: string;
  type?: string;
}

/** A service with these routes, spoken to without a socket, and who mints its tokens. */
export async function startToy(controllers: (new () => object)[] = [OrdersController]) {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const logged: string[] = [];
  const app = await startApp(controllers, await exportJWK(publicKey), logged);
  const token = ({ claims = {}, header = {}, expiresIn = '5m' }: TokenParts = {}): Promise<string> =>
    new SignJWT({
      ...{ tenant: tenantId, currency: 'USD', scope: 'toy:read toy:write', sub: 'client-1', iss: issuer, aud: 'toy' },
      ...claims,
    })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1', ...header })
      .setIssuedAt()
      .setExpirationTime(expiresIn)
      .sign(privateKey);
  const send = async (method: 'GET' | 'POST', url: string, { payload, auth, type }: Sent = {}) => {
    const headers: Record<string, string> = {};
    if (auth !== undefined) headers['authorization'] = auth;
    if (payload !== undefined) headers['content-type'] = type ?? 'application/json';
    const response = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    return { response, problem: response.json<ProblemDocument>() };
  };
  const post = async (payload: string, url = '/orders') =>
    send('POST', url, { payload, auth: `Bearer ${await token()}` });
  return { logged, token, send, post, close: () => app.close() };
}
export type Toy = Awaited<ReturnType<typeof startToy>>;

async function startApp(
  controllers: (new () => object)[],
  key: JWK,
  logged: string[],
): Promise<NestFastifyApplication> {
  const keys = createLocalJWKSet({ keys: [{ ...key, kid: 'k1', alg: 'EdDSA' }] });
  const verifier = { provide: TokenVerifier, useValue: new TokenVerifier({ issuer, audience: 'toy' }, keys) };
  @Module({ imports: [DiscoveryModule], controllers, providers: [AuthGuard, Reflector, verifier] })
  class ToyModule {}
  const created = await NestFactory.create<NestFastifyApplication>(
    ToyModule,
    createHttpAdapter({ bodyLimitBytes: 4_096 }),
    { bodyParser: false, abortOnError: false, logger: false },
  );
  const logger = createLogger({ name: 'toy', level: 'info' }, { write: (line: string) => void logged.push(line) });
  created.useLogger(logger);
  const problems = { order_closed: { status: 409, title: 'The order is closed' } };
  installHttp(created, { logger, problems, problemsUrl: 'https://docs.test/problems/', isDraining: () => false });
  return created.init();
}
