/** The value of a cookie in a `Cookie` header; undefined when it is empty or absent. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [key = '', value = ''] = part.split('=', 2)
    if (key.trim() === name && value.trim() !== '') return value.trim()
  }
  return undefined
}
