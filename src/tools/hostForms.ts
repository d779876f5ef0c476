/**
 * What secrets that are part of a host become in a URL: a parser writes hosts in lower case, names in other scripts in
 * Punycode, and numbers as an address. Errors and answers of servers name the host like that.
 *
 * @param text the beginning of a URL, as it was written
 */
export function hostForms(text: string, secrets: Iterable<string>): string[] {
  if (!URL.canParse(text)) return []
  const written = /^[a-z]+:\/\/([^/?#:]*)/i.exec(text)?.[1] ?? ''
  const { hostname } = new URL(text)
  const values = [...secrets].map((secret) => secret.trim()).filter(Boolean)
  if (written === hostname || !values.some((value) => value.includes(written) || written.includes(value)))
    return []
  const before = written.split('.')
  const after = hostname.split('.')
  const isPart = values.some((value) => value !== written && written.includes(value))
  if (!isPart || before.length !== after.length) return [hostname]
  // Of a host that is written out in part, only the labels that hold a secret are one.
  const lower = values.map((value) => value.toLowerCase()).filter((value) => hostname.includes(value))
  const labels = after.filter((label, at) => {
    const original = before[at] ?? ''
    return label !== original && values.some((value) => original.includes(value) || value.includes(original))
  })
  return [...lower, ...labels]
}
