/**
 * The forms that secrets in a host take in a URL: a parser writes hosts in lower case, other scripts in Punycode, and
 * numbers as an address. Errors and server responses contain the host in these forms.
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
  // Of a partly literal host, only the labels that contain a secret are secret.
  const lower = values.map((value) => value.toLowerCase()).filter((value) => hostname.includes(value))
  const labels = after.filter((label, at) => {
    const original = before[at] ?? ''
    return label !== original && values.some((value) => original.includes(value) || value.includes(original))
  })
  return [...lower, ...labels]
}
