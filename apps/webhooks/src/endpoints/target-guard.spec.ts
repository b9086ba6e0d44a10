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

describe('TargetGuard.permits', () => {
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

describe('TargetGuard.refusal', () => {
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
    ['https://[64:ff9b::7f00:1]/', 'must not point to a private or special-purpose address'],
  ])('refuses %s', (url, reason) => {
    expect(production.refusal(new URL(url))).toBe(reason);
  });

  it.each(['https://example.com/hooks?a=1', 'https://example.com:8443/', 'https://8.8.8.8/'])('lets %s', (url) => {
    expect(production.refusal(new URL(url))).toBeNull();
  });

  it('lets plain http and any port to a listed address in development, and still guards the rest', () => {
    expect(development.refusal(new URL('http://127.0.0.1:19999/hook'))).toBeNull();
    expect(development.refusal(new URL('http://169.254.169.254/latest'))).toContain('special-purpose');
  });
});
