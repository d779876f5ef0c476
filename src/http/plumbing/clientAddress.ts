import ipaddr from 'ipaddr.js'

/** Whoever has an IPv6 address has at least a network of this length, and can change the rest at will. */
const IPV6_NETWORK_BITS = 64

/**
 * What failures of a client are counted under: its IPv4 address, or the /64 network of its IPv6 address. Some
 * proxies append a port to the address they forward; it is left out.
 */
export function clientAddress(ip: string): string {
  const text = /^\d+\.\d+\.\d+\.\d+:\d+$/.test(ip)
    ? ip.slice(0, ip.indexOf(':'))
    : ip.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
  if (!ipaddr.isValid(text)) return 'unknown'
  const address = ipaddr.process(text)
  if (!(address instanceof ipaddr.IPv6)) return address.toString()
  const start = address.parts.map((part, index) => (index < IPV6_NETWORK_BITS / 16 ? part : 0))
  return `${new ipaddr.IPv6(start).toString()}/${IPV6_NETWORK_BITS}`
}
