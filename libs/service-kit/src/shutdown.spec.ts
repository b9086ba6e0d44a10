import { assertShutdownFits, shutdown } from './shutdown.ts';

it('runs the phases in order, past one that fails and one that hangs', async () => {
  const ran: string[] = [];
  const trouble: string[] = [];
  const phase = (name: string, run: () => Promise<unknown>) => ({
    name,
    budgetMs: 20,
    run: () => (ran.push(name), run()),
  });
  await shutdown(
    [
      phase('http', () => Promise.resolve()),
      phase('work', () => Promise.reject(new Error('no'))),
      phase('connections', () => new Promise(() => {})),
      phase('telemetry', () => Promise.resolve()),
    ],
    (name) => trouble.push(name),
  );
  expect(ran).toEqual(['http', 'work', 'connections', 'telemetry']);
  expect(trouble).toEqual(['work', 'connections']);
});

it('wants the phases to be shorter than the budget and says by how much they are not', () => {
  expect(() => assertShutdownFits({ http: 10, work: 20 }, 30)).toThrow(
    'is 30, but the phases need 30 ms (http 10 + work 20)',
  );
  expect(() => assertShutdownFits({ http: 10, work: 20 }, 31)).not.toThrow();
});
