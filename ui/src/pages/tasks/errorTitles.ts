import { ERRORS } from '../../../../src/errors.ts'

/** Includes errors of a newer server version, which this page does not know. */
const KNOWN: Record<string, { status: number; title: string; hint: string }> = ERRORS

/** The title of an error; its code if it is not known. */
export function titleOfError(code: string): string {
  return KNOWN[code]?.title ?? code
}

export function hintOfError(code: string): string {
  return KNOWN[code]?.hint ?? ''
}

/** Errors that a run can end with. */
export function codesWithTitles(): { code: string; title: string }[] {
  return Object.entries(KNOWN)
    .filter(([code, { status }]) => status === 502 && code !== 'run_failed')
    .map(([code, { title }]) => ({ code, title }))
    .toSorted((a, b) => (a.title < b.title ? -1 : 1))
}
