/** What a signature header holds: one or more signatures without their prefix, and a timestamp where it has one. */
export type SignatureHeader = { signatures: string[]; timestamp?: string }

/** Nobody rotates through more keys; a header of thousands would cost as many comparisons. */
const MAX_SIGNATURES = 20

/**
 * Reads a list of signatures, separated by commas or spaces, as far as these are not part of the prefix. With a
 * prefix, what does not begin with it is something else: `v1,abc v1a,def` holds one signature with the prefix `v1,`.
 */
export function readList(value: string, prefix = ''): SignatureHeader {
  const signatures: string[] = []
  for (const piece of value.split(separatorBeside(prefix))) {
    const part = piece.trim()
    if (part.length <= prefix.length || !part.startsWith(prefix)) continue
    if (signatures.push(part.slice(prefix.length)) === MAX_SIGNATURES) break
  }
  return { signatures }
}

function separatorBeside(prefix: string): RegExp {
  const hasComma = prefix.includes(',')
  const hasSpace = prefix.includes(' ')
  if (hasComma) return hasSpace ? LINE : SPACE
  return hasSpace ? COMMA : COMMA_OR_SPACE
}

const LINE = /\n/
const SPACE = /\s+/
const COMMA = /,/
const COMMA_OR_SPACE = /[\s,]+/

/** Reads pairs such as `t=1492774577,v1=5257a8…,v1=6ffbb5…`: a timestamp, and the signatures of one version. */
export function readPairs(value: string, keys: { timestamp: string; signature: string }): SignatureHeader {
  const { signatures } = readList(value, `${keys.signature}=`)
  const [timestamp] = readList(value, `${keys.timestamp}=`).signatures
  return timestamp === undefined ? { signatures } : { signatures, timestamp }
}
