import { isOwnBrowser } from './browserOwner.ts'

/** What somebody had typed into a form and not saved. */
export type FormDraft = {
  /** Of one visit to the form: it replaces its own draft, and no other. */
  id: string
  /** The revision that it began with. */
  revision: number
  /** ISO 8601. */
  at: string
  /** Without fields that were not changed and seem to hold a secret. */
  form: Record<string, string>
  /** Fields that were changed and not kept, because they seem to hold a secret. */
  left: string[]
}

/** Drafts of one form that are kept: of several tabs, or crashes. */
const MOST = 3

/** Older ones are forgotten. */
const KEEP_MS = 14 * 24 * 3_600_000

const PREFIX = 'bellwire-draft:'

const key = (name: string): string => PREFIX + name

/** The drafts of a form in this browser, newest first. */
export function readDrafts(name: string): FormDraft[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(name)) ?? '[]')
    if (!Array.isArray(kept)) return []
    return kept
      .filter(isDraft)
      .filter(({ at }) => Date.now() - Date.parse(at) < KEEP_MS)
      .toSorted((a, b) => b.at.localeCompare(a.at))
  } catch {
    return []
  }
}

/**
 * Keeps a draft. Fields that seem to hold a secret are left out, and named in `left`.
 *
 * @param initial the form without changes: which fields differ
 * @returns false if the browser keeps nothing, or another person has signed in since
 */
export function keepDraft(
  name: string,
  { id, revision, form }: Pick<FormDraft, 'id' | 'revision' | 'form'>,
  initial: Record<string, string>,
): boolean {
  if (!isOwnBrowser()) return false
  const left = Object.keys(form).filter(
    (field) => form[field] !== initial[field] && hasSecret(form[field] ?? ''),
  )
  // What was saved before may hold a secret as well. The form has it when the draft is restored.
  const kept = Object.entries(form)
    .map(([field, text]): [string, string] => [field, left.includes(field) ? (initial[field] ?? '') : text])
    .filter(([, text]) => !hasSecret(text))
  const draft = { id, revision, at: new Date().toISOString(), form: Object.fromEntries(kept), left }
  const others = readDrafts(name).filter((one) => one.id !== id)
  return write(name, [draft, ...others].slice(0, MOST))
}

export function dropDraft(name: string, id: string): void {
  write(
    name,
    readDrafts(name).filter((one) => one.id !== id),
  )
}

/** Whether a draft of any form is kept. */
export function hasDrafts(): boolean {
  return namesOfDrafts().some((name) => readDrafts(name).length > 0)
}

/** Forgets the drafts of all forms. */
export function forgetDrafts(): void {
  for (const name of namesOfDrafts()) write(name, [])
}

function namesOfDrafts(): string[] {
  try {
    return Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '')
      .filter((text) => text.startsWith(PREFIX))
      .map((text) => text.slice(PREFIX.length))
  } catch {
    // Storage is not available, so there are no drafts.
    return []
  }
}

function write(name: string, drafts: FormDraft[]): boolean {
  try {
    if (drafts.length === 0) localStorage.removeItem(key(name))
    else localStorage.setItem(key(name), JSON.stringify(drafts))
    return true
  } catch {
    return false
  }
}

function isDraft(value: unknown): value is FormDraft {
  if (typeof value !== 'object' || value === null) return false
  const { id, revision, at, form, left } = value as Partial<FormDraft>
  return (
    typeof id === 'string' &&
    typeof revision === 'number' &&
    typeof at === 'string' &&
    typeof form === 'object' &&
    form !== null &&
    Object.values(form).every((text) => typeof text === 'string') &&
    Array.isArray(left)
  )
}

/** Keys as providers write them, credentials in headers and URLs, private keys. */
const SECRETS = [
  /\b(?:bw_[a-z]+_|sk-|sk_|rk_|ghp_|gho_|github_pat_|glpat-|xox[abpr]-|whsec_|AKIA|AIza|ya29\.|eyJ[\w-]+\.eyJ)[\w-]{8,}/,
  /\b(?:bearer|basic)\s+(?!\{\{)[\w.~+/=-]{8,}/i,
  /:\/\/[^/\s:@"'{]+:[^/\s@"'{]+@/,
  /"(?:authorization|x-api-key|api[_-]?key|password|secret|token)"\s*:\s*"(?!\s*(?:\w+\s+)?\{\{)[^"\s]{8,}/i,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
]

/** Whether a text seems to hold a key or a password. Templates that read `secrets` hold none. */
export function hasSecret(text: string): boolean {
  return SECRETS.some((pattern) => pattern.test(text))
}
