import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createCallbackTokens } from '../tasks/callbackUrls/callbackTokens.ts'
import { expectLinear } from '../../test/harness/linear.ts'
import { hasRedactedLink, LINK_KINDS, redactCallbackTokens, redactLinks } from './bearerLinks.ts'

const { idOf, tokenOf } = createCallbackTokens(randomBytes(32))
const TOKEN = tokenOf(idOf('a run'))

const LINKS = [
  `https://bells.example/api/webhooks/agents/${TOKEN}?x=1`,
  `https://bells.example/api/callbacks/${TOKEN}`,
  `https://bells.example/api/approvals/0198c2f0-1111-7000-8000-000000000000/approve?key=20810.${TOKEN}`,
  `https://bells.example/api/approvals/0198c2f0-1111-7000-8000-000000000000/deny?key=20810.${TOKEN}`,
  `https://bells.example/api/tasks/0198c2f0-1111-7000-8000-000000000000/cancel?key=t0x.${TOKEN}`,
  `https://bells.example/invitation#${TOKEN}`,
  `https://bells.example/password-reset#${TOKEN}`,
  `https://bells.example/sign-in#${TOKEN}`,
]

const ENCODINGS: Record<string, (link: string) => string> = {
  plain: (link) => link,
  'in JSON in JSON': (link) => JSON.stringify(JSON.stringify({ link: link.replaceAll('/', String.raw`\/`) })),
  'percent-encoded': (link) => `https://example.com/?next=${encodeURIComponent(link)}&more=1`,
  'percent-encoded twice': (link) =>
    `https://example.com/?next=${encodeURIComponent(encodeURIComponent(link))}`,
}

it.each(Object.keys(ENCODINGS))('hides the secret of each link, %s', (name) => {
  for (const link of LINKS) {
    const text = ENCODINGS[name]?.(link) ?? ''
    expect(text).toContain(TOKEN)
    expect(redactLinks(text)).not.toContain(TOKEN)
    expect(redactLinks(text)).toContain('***')
    expect(redactLinks(text, undefined, 'same length')).toHaveLength(text.length)
  }
})

it('keeps links of other kinds, and links without a secret', () => {
  const [webhook = '', callback = ''] = LINKS
  expect(redactLinks(webhook, ['callback'])).toBe(webhook)
  expect(redactLinks(callback, ['callback'])).toBe('https://bells.example/api/callbacks/***')
  const text = 'GET /api/callbacks/{token} and https://bells.example/api/tasks/1/events?key=abc'
  expect(redactLinks(text)).toBe(text)
})

it('recognises the tokens of callback URLs, and no hash or id', () => {
  for (let n = 0; n < 500; n++) {
    expect(redactCallbackTokens(`"${tokenOf(idOf(String(n)))}"`)).toBe('"***"')
    const hash = `${randomBytes(28).toString('hex')} ${randomBytes(32).toString('hex')} ${crypto.randomUUID()}`
    expect(redactCallbackTokens(hash)).toBe(hash)
    // The same length and characters, with an id of another version or variant.
    const token = tokenOf(idOf(String(n)))
    for (const [at, digit] of [
      [8, 'Q'],
      [10, 'A'],
    ] as const) {
      const other = token.slice(0, at) + digit + token.slice(at + 1)
      expect(redactCallbackTokens(other)).toBe(other)
    }
  }
})

it('finds the token of a callback URL after a line break in JSON', () => {
  expect(redactCallbackTokens(JSON.stringify(`It is:\n${TOKEN}`))).not.toContain(TOKEN)
})

it('keeps the headings of other pages in whole texts', () => {
  const token = randomBytes(32).toString('base64url')
  const text = `See https://docs.example/sign-in#troubleshooting, not https://bells.example/sign-in#${token}.`
  expect(redactLinks(text, ['account'], 'whole')).toBe(text.replace(token, '***'))
  // A stream may have the rest of the token in its next piece.
  expect(redactLinks('https://bells.example/sign-in#abc', ['account'], 'same length')).toMatch(/#\*{3}$/)
})

it('knows links that were masked', () => {
  for (const link of LINKS) {
    expect(hasRedactedLink(link, LINK_KINDS)).toBe(false)
    expect(hasRedactedLink(redactLinks(link), LINK_KINDS)).toBe(true)
  }
  expect(hasRedactedLink('Three *** stars', LINK_KINDS)).toBe(false)
})

it.each([
  ['backslashes', '\\'],
  ['slashes', '/'],
  ['beginnings of paths', String.raw`\\/api\\/approvals\\/a`],
  ['words without links', 'agents callbacks approve cancel sign-in '],
  ['one word', 'a'],
])('takes time in proportion to the length of a text of %s', async (_, part) => {
  await expectLinear(
    (length) => `agents callbacks deny cancel invitation ${part.repeat(length / part.length)}`,
    (text) => redactCallbackTokens(redactLinks(text)),
  )
})
