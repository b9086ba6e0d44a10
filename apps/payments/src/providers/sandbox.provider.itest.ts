import { startSandbox } from '../testing/harness.itest.ts';
import { describeProvider } from './provider.contract.ts';
import { SandboxProvider } from './sandbox.provider.ts';

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

describeProvider('the sandbox', async () => {
  // An address where somebody has just stopped listening.
  const gone = await startSandbox();
  await gone.stop();
  return {
    connect: (timeoutMs) => new SandboxProvider({ url: sandbox.url, timeoutMs }),
    connectToNobody: () => new SandboxProvider({ url: gone.url, timeoutMs: 500 }),
    tokens: {
      approved: 'tok_visa',
      declined: 'tok_declined_insufficient',
      declinedForGood: 'tok_declined_stolen',
      silentApproved: 'tok_timeout_approved',
      silentDeclined: 'tok_timeout_declined',
      notProcessed: 'tok_error_before',
    },
  };
});

describe('the sandbox alone', () => {
  const charge = (key: string, token: string, subject: string, amountMinor = 100) =>
    fetch(`${sandbox.url}/charges`, {
      method: 'POST',
      body: JSON.stringify({ key, token, amountMinor, currency: 'USD', subject }),
    });
  const status = async (response: Response) => ((await response.json()) as { status: string }).status;

  it('declines only the first charge of each subject with tok_declined_once', async () => {
    const said = [
      await status(await charge('a1', 'tok_declined_once', 'a')),
      await status(await charge('a1', 'tok_declined_once', 'a')),
      await status(await charge('a2', 'tok_declined_once', 'a')),
      await status(await charge('b1', 'tok_declined_once', 'b')),
    ];
    expect(said).toEqual(['declined', 'declined', 'approved', 'declined']);
  });

  it('refuses a key that was used for something else', async () => {
    await charge('reused', 'tok_visa', 's');
    expect((await charge('reused', 'tok_visa', 's', 200)).status).toBe(409);
  });

  it('refuses what is no charge', async () => {
    const bodies = [
      '',
      '{',
      '[]',
      '{"key":"k"}',
      JSON.stringify({ key: 'k', token: 't', currency: 'USD', subject: 's', amountMinor: -1 }),
    ];
    const answers = await Promise.all(bodies.map((body) => fetch(`${sandbox.url}/charges`, { method: 'POST', body })));
    expect(answers.map((answer) => answer.status)).toEqual([400, 400, 400, 400, 400]);
    expect(sandbox.failures).toEqual([]);
  });

  it('says which of its tokens have yet to be built', async () => {
    expect((await fetch(`${sandbox.url}/instruments/tok_ach`)).status).toBe(422);
  });
});
