import { newId } from '@quittance/service-kit/id';
import { FileAddresses } from './file-addresses.ts';

const addresses = new FileAddresses(Buffer.alloc(32, 1), 'https://pay.example/');
const now = new Date('2026-03-02T12:00:00.000Z');
const later = (ms: number) => new Date(now.getTime() + ms);
const grant = { tenantId: newId(), fileId: newId(), grantId: newId(), expiresAt: later(1_000) };
const token = addresses.tokenOf(grant);

it('says whose file it is of, until it is over', () => {
  expect(addresses.urlOf(grant)).toBe(`https://pay.example/file-downloads/${token}`);
  expect(addresses.read(token, now)).toEqual(grant);
  expect(addresses.read(token, later(999))).toEqual(grant);
  expect(addresses.read(token, later(1_000))).toBeNull();
});

it('is worth nothing with any of its bits changed', () => {
  const bytes = Buffer.from(token, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(bytes);
    other[at]! ^= 1;
    expect(addresses.read(other.toString('base64url'), now)).toBeNull();
  }
});

it.each(['', 'x', token.slice(1), `${token}A`, token.replace(/^./, '.')])('is not %j', (text) => {
  expect(addresses.read(text, now)).toBeNull();
});

it('of another deployment is none of ours', () => {
  expect(new FileAddresses(Buffer.alloc(32, 2), 'https://pay.example').read(token, now)).toBeNull();
});
