import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createCallbackTokens } from '../tasks/callbackUrls/callbackTokens.ts'
import { redactCallbackTokens, redactLinks } from './bearerLinks.ts'

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
    const other = `${randomBytes(28).toString('hex')} ${randomBytes(32).toString('hex')} ${crypto.randomUUID()}`
    expect(redactCallbackTokens(other)).toBe(other)
  }
})
