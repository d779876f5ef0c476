/**
 * What a URL of this installation allows anyone who has it to do: start an agent, report back to a run, decide an
 * approval, cancel a task, or open an account.
 */
export type LinkKind = 'webhook' | 'callback' | 'approval' | 'cancel' | 'account'

export const LINK_KINDS: readonly LinkKind[] = ['webhook', 'callback', 'approval', 'cancel', 'account']

/** A slash as it is, escaped in JSON within JSON, or percent-encoded up to three times; so are the others. */
const SLASH = String.raw`(?:\\{0,8}\/|%(?:25){0,2}2[Ff])`
/** The end of the first slash: its beginning would be tried at each backslash of a text. */
const FIRST = String.raw`(?:\/|2[Ff])`
const MARK = String.raw`(?:\?|%(?:25){0,2}3[Ff])`
const EQUALS = String.raw`(?:=|%(?:25){0,2}3[Dd])`
const HASH = String.raw`(?:#|%(?:25){0,2}23)`
const ID = String.raw`[\w-]{1,64}`

const path = (...names: string[]): string => FIRST + names.join(SLASH)

/** What comes before the secret. */
const BEFORE: Readonly<Record<LinkKind, string>> = {
  webhook: path('api', 'webhooks', 'agents', ''),
  callback: path('api', 'callbacks', ''),
  approval: `${path('api', 'approvals', ID, '(?:approve|deny)')}${MARK}key${EQUALS}`,
  cancel: `${path('api', 'tasks', ID, 'cancel')}${MARK}key${EQUALS}`,
  account: `${path('(?:sign-in|invitation|password-reset)')}${HASH}`,
}

const SECRET: Readonly<Record<LinkKind, string>> = {
  webhook: String.raw`[\w-]+`,
  callback: String.raw`[\w-]+`,
  approval: String.raw`[\w.-]+`,
  cancel: String.raw`[\w.-]+`,
  account: String.raw`[\w-]+`,
}

/** The tokens of accounts have 43 characters; other texts after the same path are headings of a page. */
const WHOLE_SECRET = { ...SECRET, account: String.raw`[\w-]{43}(?![\w-])` }

const patternsOf = (secrets: Readonly<Record<LinkKind, string>>): Readonly<Record<LinkKind, RegExp>> => {
  const of = (kind: LinkKind): RegExp => new RegExp(`(${BEFORE[kind]})(${secrets[kind]})`, 'g')
  return {
    webhook: of('webhook'),
    callback: of('callback'),
    approval: of('approval'),
    cancel: of('cancel'),
    account: of('account'),
  }
}

const PATTERNS = patternsOf(SECRET)
const WHOLE_PATTERNS = patternsOf(WHOLE_SECRET)

/** A text without any of these words has no link of the kind. */
const WORDS: Readonly<Record<LinkKind, readonly string[]>> = {
  webhook: ['agents'],
  callback: ['callbacks'],
  approval: ['approve', 'deny'],
  cancel: ['cancel'],
  account: ['sign-in', 'invitation', 'password-reset'],
}

/**
 * The token of a callback URL by itself: 56 characters, some of which show that the id in it is a UUID of version 8.
 * One in 64 other texts of this length looks the same, so this must not be used on text that has to stay intact.
 * In JSON, the letter of an escaped line break may come before it.
 */
const CALLBACK_TOKEN = /(?:(?<![\w-])|(?<=\\[bfnrt]))[\w-]{8}[g-j][\w-][CGKOSWaeimquy26-][\w-]{45}(?![\w-])/g

/**
 * How a secret is replaced: by three asterisks, or by as many as it has characters. With `whole`, by three asterisks where it
 * has the length of a secret: for texts that are complete, which somebody may edit and save.
 */
type Replacement = 'short' | 'same length' | 'whole'

/** Removes the secret parts of links of these kinds from a text, including links in other encodings. */
export function redactLinks(
  text: string,
  kinds: readonly LinkKind[] = LINK_KINDS,
  replacement: Replacement = 'short',
): string {
  const patterns = replacement === 'whole' ? WHOLE_PATTERNS : PATTERNS
  const replace = (_: string, before: string, secret: string): string =>
    before + (replacement === 'same length' ? '*'.repeat(secret.length) : '***')
  return kinds.reduce(
    (clean, kind) =>
      WORDS[kind].some((word) => clean.includes(word)) ? clean.replace(patterns[kind], replace) : clean,
    text,
  )
}

const MASKED = new Map(LINK_KINDS.map((kind) => [kind, new RegExp(String.raw`${BEFORE[kind]}\*\*\*`)]))

/** Whether a text has a link of these kinds whose secret was replaced by three asterisks. */
export function hasRedactedLink(text: string, kinds: readonly LinkKind[]): boolean {
  return text.includes('***') && kinds.some((kind) => MASKED.get(kind)?.test(text))
}

/** Removes everything that looks like the token of a callback URL from a text. */
export function redactCallbackTokens(text: string): string {
  return text.replace(CALLBACK_TOKEN, '***')
}
