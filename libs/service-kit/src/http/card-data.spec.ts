import { Body, Controller, Get, Module, Param, Post, Query } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Allow } from 'class-validator';
import { metrics } from '../telemetry/metrics.ts';
import { createLogger } from '../telemetry/logger.ts';
import { AuthGuard } from './auth.guard.ts';
import { Public } from './auth.ts';
import { installHttp } from './install.ts';
import type { ProblemDocument } from './problem.ts';
import { createHttpAdapter } from './server.ts';
import { TokenVerifier } from './token-verifier.ts';

class NoteDto {
  @Allow()
  text?: unknown;
}

const stored: unknown[] = [];

@Controller('notes')
@Public()
class NotesController {
  @Post()
  add(@Body() note: NoteDto): object {
    stored.push(note);
    return {};
  }

  @Get(':id')
  get(@Param('id') id: string, @Query() query: NoteDto): object {
    return { id, ...query };
  }
}

const verifier = new TokenVerifier({ issuer: 'test', audience: 'toy' }, () => Promise.reject(new Error('no keys')));

@Module({
  imports: [DiscoveryModule],
  controllers: [NotesController],
  providers: [AuthGuard, { provide: TokenVerifier, useValue: verifier }],
})
class ToyModule {}

const PAN = '4111111111111111';
const UUID = '41111111-1111-4111-8111-111111111111';
const lines: string[] = [];
let app: NestFastifyApplication;

beforeAll(async () => {
  const adapter = createHttpAdapter({ bodyLimitBytes: 262_144 });
  const options = { abortOnError: false, bodyParser: false, logger: false } as const;
  app = await NestFactory.create<NestFastifyApplication>(ToyModule, adapter, options);
  const logger = createLogger({ name: 'toy', level: 'info' }, { write: (line) => void lines.push(line) });
  app.useLogger(logger);
  installHttp(app, { logger, problems: {}, problemsUrl: 'https://docs.test/', isDraining: () => false });
  await app.init();
});

afterAll(() => app.close());

beforeEach(() => {
  lines.length = 0;
  stored.length = 0;
});

const post = (body: string) =>
  app.inject({ method: 'POST', url: '/notes', headers: { 'content-type': 'application/json' }, payload: body });
const get = (url: string, headers = {}) => app.inject({ method: 'GET', url, headers });

const refusedSoFar = async (where: string) => {
  const values = (await metrics.registry.getSingleMetric('card_data_refused_total')!.get()).values;
  return values.find(({ labels }) => labels['where'] === where)?.value ?? 0;
};

describe('the tripwire', () => {
  it.each([
    ['a text', `{"text":{"a/b":["paid by ${PAN}"]}}`, '/text/a~1b/0'],
    ['a text in disguise', '{"text":"\\u0034111-1111-1111-１１１１"}', '/text'],
    ['a number', `{"text":${PAN}}`, '/text'],
    ['a number that no double holds', '{"text":4000000000000000006}', '/text'],
    ['a security code, in a field that nobody knows', '{"card":{"cvv":"123"}}', '/card/cvv'],
    ['a name', `{"text":{"${PAN}":1}}`, '/text'],
  ])('refuses %s in a body, and names the place only', async (_what, body, pointer) => {
    const before = await refusedSoFar('body');
    const answer = await post(body);
    const problem = answer.json<ProblemDocument>();
    expect([answer.statusCode, problem.code]).toEqual([422, 'card_data_not_accepted']);
    expect(problem.errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect(stored).toEqual([]);
    expect(await refusedSoFar('body')).toBe(before + 1);
    expect(answer.body + lines.join('')).not.toMatch(/4111|4000000|１１/);
  });

  it.each([
    [`/notes/${PAN}`, { parameter: 'id' }],
    ['/notes/4111%201111%201111%201111', { parameter: 'id' }],
    [`/notes/a?text=${PAN}`, { parameter: 'text' }],
    ['/notes/a?text=4111+1111+1111+1111', { parameter: 'text' }],
    [`/notes/a?${PAN}=1`, { parameter: 'query' }],
    ['/notes/a?cvv=123', { parameter: 'cvv' }],
  ])('refuses %s', async (url, place) => {
    const answer = await get(url);
    const problem = answer.json<ProblemDocument>();
    expect([answer.statusCode, problem.code]).toEqual([422, 'card_data_not_accepted']);
    expect(problem.errors).toMatchObject([place]);
    expect(answer.body + lines.join('')).not.toContain('1111');
  });

  it('says so in one line that an auditor finds, without a word of what was sent', async () => {
    await post(`{"text":"${PAN}","secret name":{"pan":1}}`);
    const audit = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => 'audit' in line);
    expect(audit).toMatchObject([
      { audit: 'card_data_refused', level: 'warn', where: ['body'], places: 2, method: 'POST', route: '/notes' },
    ]);
    expect(lines.join('')).not.toMatch(/secret name|4111/);
  });

  it('lets UUIDs pass, and any Idempotency-Key, and makes no request id of a card number', async () => {
    const headers = { 'idempotency-key': PAN, 'x-request-id': PAN };
    const answer = await get(`/notes/${UUID}?text=${UUID}`, headers);
    expect([answer.statusCode, answer.json()]).toEqual([200, { id: UUID, text: UUID }]);
    expect(answer.headers['x-request-id']).not.toBe(PAN);
    expect((await post(`{"text":"${UUID}"}`)).statusCode).toBe(201);
    expect(lines.join('')).not.toContain(PAN);
  });
});
