/**
 * What a URL of this installation allows anyone who has it to do: start an agent, report back to a run, decide an
 * approval, cancel a task, or open an account.
 */
export type LinkKind = 'webhook' | 'callback' | 'approval' | 'cancel' | 'account'

export const LINK_KINDS: readonly LinkKind[] = ['webhook', 'callback', 'approval', 'cancel', 'account']

/** A slash as it is, escaped in JSON within JSON, or percent-encoded up to three times; so are the others. */
const SLASH = String.raw`(?:\\{0,8}\/|%(?:25){0,2}2[Ff])`
const MARK = String.raw`(?:\?|%(?:25){0,2}3[Ff])`
const EQUALS = String.raw`(?:=|%(?:25){0,2}3[Dd])`
const HASH = String.raw`(?:#|%(?:25){0,2}23)`
const ID = String.raw`[\w-]{1,64}`

const path = (...names: string[]): string => names.map((name) => SLASH + name).join('')

/** The part before the secret, and the secret. */
const PATTERNS: Readonly<Record<LinkKind, RegExp>> = {
  webhook: new RegExp(String.raw`(${path('api', 'webhooks', 'agents')}${SLASH})([\w-]+)`, 'g'),
  callback: new RegExp(String.raw`(${path('api', 'callbacks')}${SLASH})([\w-]+)`, 'g'),
  approval: new RegExp(
    String.raw`(${path('api', 'approvals', ID, '(?:approve|deny)')}${MARK}key${EQUALS})([\w.-]+)`,
    'g',
  ),
  cancel: new RegExp(String.raw`(${path('api', 'tasks', ID, 'cancel')}${MARK}key${EQUALS})([\w.-]+)`, 'g'),
  account: new RegExp(String.raw`(${path('(?:sign-in|invitation|password-reset)')}${HASH})([\w-]+)`, 'g'),
}

/**
 * The token of a callback URL by itself: 56 characters, some of which show that the id in it is a UUID of version 8.
 * One in 64 other texts of this length looks the same, so this must not be used on text that has to stay intact.
 */
const CALLBACK_TOKEN = /(?<![\w-])[\w-]{8}[g-j][\w-][CGKOSWaeimquy26-][\w-]{45}(?![\w-])/g

/** How a secret is replaced: by three asterisks, or by as many as it has characters. */
type Replacement = 'short' | 'same length'

/** Removes the secret parts of links of these kinds from a text, including links in other encodings. */
export function redactLinks(
  text: string,
  kinds: readonly LinkKind[] = LINK_KINDS,
  replacement: Replacement = 'short',
): string {
  return kinds.reduce(
    (clean, kind) =>
      clean.replace(
        PATTERNS[kind],
        (_, before: string, secret: string) =>
          before + (replacement === 'short' ? '***' : '*'.repeat(secret.length)),
      ),
    text,
  )
}

/** Removes everything that looks like the token of a callback URL from a text. */
export function redactCallbackTokens(text: string): string {
  return text.replace(CALLBACK_TOKEN, '***')
}
