import fc from 'fast-check';
import { TargetGuard } from './target-guard.ts';

const production = new TargetGuard({ allowHttp: false, allowedCidrs: [] });
const development = new TargetGuard({ allowHttp: true, allowedCidrs: ['127.0.0.0/8', '::1/128'] });

const refusedAddresses = [
  ...['10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.255.255', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
  ...['192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
  ...['224.0.0.1', '240.0.0.1', '255.255.255.255', '0.0.0.0', '::', '::1', '::ffff:10.0.0.1', '::ffff:7f00:1'],
  ...['::127.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::1', '2002:7f00:1::', '2001::1', '2001:db8::1', '3fff::1'],
  ...['5f00::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '100::1'],
  ...['not an address', '', '127.1'],
];

describe('F14 TargetGuard.permits', () => {
  it.each(refusedAddresses)('refuses %j', (address) => {
    expect(production.permits(address)).toBe(false);
  });

  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '2a00:1450::1', '::ffff:8.8.8.8'])(
    'lets %s',
    (ip) => {
      expect(production.permits(ip)).toBe(true);
    },
  );

  it('lets a special-purpose address that the operator listed, and no other', () => {
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].map((ip) => development.permits(ip))).toEqual([true, true, true]);
    expect(['10.0.0.1', '169.254.169.254', 'fe80::1'].map((ip) => development.permits(ip))).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('answers the same for every spelling of one IPv4 address inside IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        const hex = ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
        const groups = `${hex[0]}${hex[1]}:${hex[2]}${hex[3]}`;
        for (const spelling of [`::ffff:${ip}`, `::FFFF:${groups}`, `0:0:0:0:0:ffff:${groups}`]) {
          expect(production.permits(spelling)).toBe(production.permits(ip));
        }
        expect(production.permits(`64:ff9b::${groups}`)).toBe(false);
        expect(production.permits(`2002:${groups}::1`)).toBe(false);
        expect(production.permits(`::${groups}`)).toBe(false);
      }),
    );
  });

  it('lets no IPv6 address outside the global unicast space', () => {
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        const first = parseInt(new URL(`http://[${ip}]`).hostname.slice(1).split(':')[0] || '0', 16);
        if (production.permits(ip) && !ip.toLowerCase().includes('ffff')) expect(first >> 13).toBe(1);
      }),
    );
  });
});

describe('F14 TargetGuard.refusal', () => {
  it.each([
    ['http://example.com/', 'must be an https URL'],
    ['ftp://example.com/', 'must be an https URL'],
    ['https://user@example.com/', 'must not contain a user name or a password'],
    ['https://:password@example.com/', 'must not contain a user name or a password'],
    ['https://example.com:8080/', 'must use port 443 or 8443'],
    ['https://127.0.0.1/', 'must not point to a private or special-purpose address'],
    ['https://2130706433/', 'must not point to a private or special-purpose address'],
    ['https://0x7f.1/', 'must not point to a private or special-purpose address'],
    ['https://0177.0.0.1/', 'must not point to a private or special-purpose address'],
    ['https://0/', 'must not point to a private or special-purpose address'],
    ['https://127.0.0.1./', 'must not point to a private or special-purpose address'],
    ['https://[::]/', 'must not point to a private or special-purpose address'],
    ['https://[::ffff:127.0.0.1]/', 'must not point to a private or special-purpose address'],
    ['https://127.1/', 'must not point to a private or special-purpose address'],
    ['https://0x7f000001/', 'must not point to a private or special-purpose address'],
    ['https://017700000001/', 'must not point to a private or special-purpose address'],
    ['https://１２７.0.0.1/', 'must not point to a private or special-purpose address'],
    ['https://127。0。0。1/', 'must not point to a private or special-purpose address'],
    ['https://%31%32%37.0.0.1/', 'must not point to a private or special-purpose address'],
    ['https://[::127.0.0.1]/', 'must not point to a private or special-purpose address'],
    ['https://[2002:7f00:1::]/', 'must not point to a private or special-purpose address'],
    ['https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/', 'must not point to a private or special-purpose address'],
    ['https://[64:ff9b::7f00:1]/', 'must not point to a private or special-purpose address'],
  ])('refuses %s', (url, reason) => {
    expect(production.refusal(new URL(url))).toBe(reason);
  });

  // Every spelling that a URL parser takes for an address: parts in decimal, octal or hex, the last ones run together,
  // full-width digits and dots, a root dot. All of them mean the same, so all of them are answered the same.
  it('answers the same for every spelling of one IPv4 address', () => {
    const wide = (text: string) => text.replace(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
    const base = fc.constantFrom(
      (n: number) => String(n),
      (n: number) => `0${n.toString(8)}`,
      (n: number) => `0x${n.toString(16)}`,
    );
    const spelling = fc.tuple(base, fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.boolean(), fc.boolean());
    const address = fc.oneof(
      fc.ipV4(),
      fc.constantFrom(...refusedAddresses.filter((ip) => /^\d+(\.\d+){3}$/.test(ip))),
    );
    fc.assert(
      fc.property(address, spelling, (ip, [write, parts, isWide, hasWideDots, hasRootDot]) => {
        const bytes = ip.split('.').map(Number);
        const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0);
        const numbers = [...bytes.slice(0, parts - 1), last].map(write);
        const host = `${numbers.join(hasWideDots ? '\u3002' : '.')}${hasRootDot ? '.' : ''}`;
        const refusal = production.refusal(new URL(`https://${isWide ? wide(host) : host}/`));
        expect(refusal === null).toBe(production.permits(ip));
      }),
    );
  });

  it.each(['https://example.com/hooks?a=1', 'https://example.com:8443/', 'https://8.8.8.8/'])('lets %s', (url) => {
    expect(production.refusal(new URL(url))).toBeNull();
  });

  it('lets plain http and any port to a listed address in development, and still guards the rest', () => {
    expect(development.refusal(new URL('http://127.0.0.1:19999/hook'))).toBeNull();
    expect(development.refusal(new URL('http://169.254.169.254/latest'))).toContain('special-purpose');
  });
});
