import { BlockList, isIP } from 'node:net';

/**
 * Networks that are nobody's on the public internet: the registries of IANA for special-purpose addresses (RFC 6890 and
 * what was added since), multicast, and the addresses at which clouds tell machines their secrets (169.254.169.254 is in
 * the link-local network, fd00:ec2::254 in the unique local one).
 */
const NOT_PUBLIC_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // The resolver of Azure's machines, which answers for their secrets too.
  ['168.63.129.16', 32],
  // The same of Alibaba's and Oracle's older machines.
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
] as const;

/** Within 2000::/3, which is all of IPv6 that is given out. */
const NOT_PUBLIC_6 = [
  // Teredo, benchmarks, ORCHID and the like: an address of IPv4 may be in it.
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4: carries an address of IPv4.
  ['2002::', 16],
  ['3fff::', 20],
  ['2620:4f:8000::', 48],
] as const;

const refused = new BlockList();
for (const [network, bits] of NOT_PUBLIC_4) refused.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of NOT_PUBLIC_6) refused.addSubnet(network, bits, 'ipv6');
const given = new BlockList();
given.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether an address is a public one of the internet. `address`: as `node:dns` gives it, or as `URL` writes a host, with or
 * without brackets. False for whatever is no address.
 */
export function isPublic(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '');
  const kind = isIP(bare);
  if (kind === 4) return !refused.check(bare, 'ipv4');
  if (kind !== 6 || bare.includes('%')) return false;
  const inner = embedded(bare);
  if (inner !== null) return !refused.check(inner, 'ipv4');
  return given.check(bare, 'ipv6') && !refused.check(bare, 'ipv6');
}

/** The address of IPv4 in one that NAT64 (RFC 6052) or a mapping stands for; null: there is none. */
function embedded(address: string): string | null {
  const words = wordsOf(address);
  const prefix = words.slice(0, 6).map((word) => word.toString(16));
  const mapped = prefix.join(':') === '0:0:0:0:0:ffff';
  const translated = prefix.join(':') === '64:ff9b:0:0:0:0';
  if (!mapped && !translated) return null;
  const [high = 0, low = 0] = words.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight words of an address of IPv6. */
function wordsOf(address: string): number[] {
  // `URL` writes the shortest form, and dotted endings as words.
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  const [front, back] = [read(head), tail === undefined ? [] : read(tail)];
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

/** Whether a host is written as an address. `host`: as `URL` writes it. */
export function isAddress(host: string): boolean {
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0;
}
