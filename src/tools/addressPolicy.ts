import ipaddr from 'ipaddr.js'

/** Decides which IP addresses may be connected to. */
export type AddressPolicy = {
  /** Undefined when the address is allowed; otherwise what kind of address it is. */
  refuse(address: string): string | undefined
}

/** The range currently assigned to the public internet; everything else in IPv6 is special. */
const GLOBAL_UNICAST_6 = ipaddr.parseCIDR('2000::/3')

/**
 * Creates a policy that allows public addresses, and other addresses in `allowed`, a list of CIDR ranges. An IPv4
 * address inside an IPv6 one (`::ffff:10.0.0.1`) counts as the IPv4 address.
 *
 * @throws Error when a range is not valid
 */
export function createAddressPolicy(allowed: readonly string[]): AddressPolicy {
  const ranges = allowed.map(parseRange)

  return {
    refuse(text) {
      if (!ipaddr.isValid(text)) return 'not an IP address'
      const address = ipaddr.process(text)
      if (ranges.some((range) => contains(range, address))) return undefined
      const kind = address.range()
      if (kind !== 'unicast') return kind
      return address.kind() === 'ipv6' && !address.match(GLOBAL_UNICAST_6) ? 'reserved' : undefined
    },
  }
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

function parseRange(text: string): Range {
  try {
    const [address, bits] = ipaddr.parseCIDR(text.trim())
    if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96) {
      return [address.toIPv4Address(), bits - 96]
    }
    return [address, bits]
  } catch (cause) {
    throw new Error(`${JSON.stringify(text)} is not a range of addresses such as 10.0.0.0/8`, { cause })
  }
}

function contains(range: Range, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return range[0].kind() === address.kind() && address.match(range)
}
