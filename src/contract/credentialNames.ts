/** Endings of names of credentials, in lower case and without separators. */
const ENDINGS =
  /(?:authorization|auth|cookie|token|secret|password|passwd|passphrase|pwd|credentials?|signature|jwt|key|session|sessionid)$/

/** Names with such an ending that are not credentials. */
const OTHERS =
  /(?:(?:idempotency|sort|primary|foreign|partition|public|cache|group|object|issue|project)key|(?:page|next|continuation|sync|cursor)token)$/

/** Short names of query parameters that are credentials. */
const SHORT: ReadonlySet<string> = new Set(['sig', 'pat', 'pass', 'sid'])

/** Whether a header, a parameter, a variable or a field with this name holds a credential. */
export function isCredentialName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  return SHORT.has(plain) || (ENDINGS.test(plain) && !OTHERS.test(plain))
}
