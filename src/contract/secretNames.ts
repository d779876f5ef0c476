import { evaluatedParts } from './templateParts.ts'

/** `secrets.NAME` or `secrets["NAME"]`. */
const REFERENCE = /\bsecrets\s*(?:\.\s*|\[\s*["'])([A-Za-z_][A-Za-z0-9_]*)/g

/** Names of the secrets that a template refers to. */
export function secretNames(template: string): Set<string> {
  const names = evaluatedParts(template).flatMap((part) =>
    [...part.matchAll(REFERENCE)].map((match) => match[1] ?? ''),
  )
  return new Set(names)
}
