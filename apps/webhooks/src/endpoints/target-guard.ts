import { BlockList, isIP } from 'node:net';

/**
 * Every range of the special-purpose registries (RFC 6890 and after), and every way to write an IPv4 address inside an
 * IPv6 one that a router may unwrap: NAT64, 6to4, Teredo, IPv4-compatible. IPv4-mapped ones are read as IPv4.
 */
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Inside 2000::/3, the global unicast space; what lies outside of it is refused as a whole. */
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3ffe::/16', '3fff::/20'];

export interface TargetRules {
  readonly allowHttp: boolean;
  /** Ranges an operator trusts although they are special-purpose: receivers of a development stack. */
  readonly allowedCidrs: readonly string[];
}

/** Where webhooks may go. Asked when an address is registered, and again for every address a connection would use. */
export class TargetGuard {
  private readonly refused4 = blockList(special4);
  private readonly refused6 = blockList(special6);
  private readonly global6 = blockList(['2000::/3']);
  private readonly allowed: BlockList;

  constructor(private readonly rules: TargetRules) {
    this.allowed = blockList(rules.allowedCidrs);
  }

  /** Why a URL may not be an endpoint's, or null. Names are looked up when connecting, not here. */
  refusal(url: URL): string | null {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && this.rules.allowHttp)) return 'must be an https URL';
    if (url.username !== '' || url.password !== '') return 'must not contain a user name or a password';
    const host = bareHost(url.hostname);
    if (isIP(host) !== 0 && !this.permits(host)) return 'must not point to a private or special-purpose address';
    const trustsPorts = this.rules.allowHttp || this.rules.allowedCidrs.length > 0;
    if (!trustsPorts && !['', '443', '8443'].includes(url.port)) return 'must use port 443 or 8443';
    return null;
  }

  permits(address: string): boolean {
    const canonical = canonicalAddress(address);
    if (canonical === null) return false;
    const family = isIP(canonical) === 4 ? 'ipv4' : 'ipv6';
    if (this.allowed.check(canonical, family)) return true;
    if (family === 'ipv4') return !this.refused4.check(canonical, family);
    return this.global6.check(canonical, family) && !this.refused6.check(canonical, family);
  }
}

/** The host without the brackets of an IPv6 literal and without the root dot, which only changes the spelling. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** One spelling per address: the URL parser's, IPv4-mapped unwrapped, without a zone. null: not an address. */
function canonicalAddress(address: string): string | null {
  const [bare = ''] = address.split('%');
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) !== 6) return null;
  const canonical = bareHost(new URL(`http://[${bare}]`).hostname);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (mapped === null) return canonical;
  const [high, low] = [parseInt(mapped[1] ?? '', 16), parseInt(mapped[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits = ''] = cidr.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
