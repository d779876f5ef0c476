const SLASH = 0x2f
const ABSOLUTE = /^https?:\/\/[^/?#]*/i

/**
 * The path and query of a request target. Proxies may send the whole URL (RFC 9112, 3.2.2), and every server has to
 * take it; its host says no more than `Host` does.
 */
export function originForm(target = '/'): string {
  if (target.charCodeAt(0) === SLASH) return target
  const rest = target.replace(ABSOLUTE, '')
  if (rest === target) return target
  return rest.startsWith('/') ? rest : `/${rest}`
}
