import { judgeHandshake, judgePing } from './verification.ts';

const origin = 'events.quittance.example';
const handshake = (headers: Record<string, string>, status: number | null = 200) =>
  judgeHandshake({ status, error: status === null ? 'timeout' : null, headers }, origin);

it.each([
  [200, true, null],
  [204, true, null],
  [302, false, 'not_2xx'],
  [404, false, 'not_2xx'],
  [500, false, 'not_2xx'],
  [null, false, 'timeout'],
])('a ping answered with %j: verified %j, %j', (status, isVerified, reason) => {
  const error = status === null ? 'timeout' : null;
  expect(judgePing({ status, error })).toEqual({ isVerified, reason, allowedPerMinute: null });
});

describe('a handshake', () => {
  it.each([
    [{ 'webhook-allowed-origin': '*' }, null],
    [{ 'webhook-allowed-origin': origin }, null],
    [{ 'webhook-allowed-origin': ' Events.Quittance.Example ' }, null],
    [{ 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '120' }, 120],
    [{ 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' }, null],
    [{ 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '0' }, null],
    [{ 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '1e9' }, null],
  ])('%j is consent, %j a minute', (headers, allowedPerMinute) => {
    expect(handshake(headers as Record<string, string>)).toEqual({ isVerified: true, reason: null, allowedPerMinute });
  });

  it.each([
    ['no origin', handshake({}), 'origin_not_allowed'],
    ['another origin', handshake({ 'webhook-allowed-origin': 'evil.example' }), 'origin_not_allowed'],
    ['a part of ours', handshake({ 'webhook-allowed-origin': 'quittance.example' }), 'origin_not_allowed'],
    ['405', handshake({ 'webhook-allowed-origin': '*' }, 405), 'not_2xx'],
    ['nothing', handshake({}, null), 'timeout'],
  ])('%s is none', (_name, consent, reason) => {
    expect(consent).toEqual({ isVerified: false, reason, allowedPerMinute: null });
  });
});
