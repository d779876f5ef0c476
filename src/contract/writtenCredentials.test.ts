import { expect, it } from 'vitest'
import { isCredentialName } from './credentialNames.ts'
import { writtenCredentials } from './writtenCredentials.ts'

const SECRET = 'h4rd-t0-gu3ss'

it.each([
  'Authorization',
  'Proxy-Authorization',
  'X-Api-Key',
  'apikey',
  'api_key',
  'key',
  'X-Auth',
  'Cookie',
  'Private-Token',
  'access_token',
  'clientSecret',
  'DB_PASSWORD',
  'Ocp-Apim-Subscription-Key',
  'X-Amz-Signature',
  'sig',
])('%s is the name of a credential', (name) => {
  expect(isCredentialName(name)).toBe(true)
})

it.each([
  'Accept',
  'Content-Type',
  'Idempotency-Key',
  'X-GitHub-Api-Version',
  'page_token',
  'max_tokens',
  'author',
  'keyword',
  'sort_key',
])('%s is not', (name) => {
  expect(isCredentialName(name)).toBe(false)
})

it.each<[string, Record<string, unknown>, Record<string, string>]>([
  ['a header', { headers: { 'X-Api-Key': SECRET } }, { '/headers/X-Api-Key': '***' }],
  [
    'a header with a scheme',
    { headers: { Authorization: `Bearer ${SECRET}` } },
    { '/headers/Authorization': '***' },
  ],
  [
    'a default in a template',
    { headers: { Authorization: `Bearer {{ token | default: "${SECRET}" }}` } },
    { '/headers/Authorization': '***' },
  ],
  [
    'a part of a header',
    { headers: { Cookie: `a={{ secrets.A }}; b=${SECRET}` } },
    { '/headers/Cookie': '***' },
  ],
  ['a key in another header', { headers: { 'X-Note': `sk-${SECRET}` } }, { '/headers/X-Note': 'sk-***' }],
  [
    'a parameter of the URL',
    { url: `https://a.example/x?q={{ words }}&key=${SECRET}&page=1` },
    { '/url': 'https://a.example/x?q={{ words }}&key=***&page=1' },
  ],
  [
    'a URL that is a credential',
    { url: 'https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccc' },
    { '/url': 'https://hooks.slack.com/services/***' },
  ],
  [
    'a password in a URL',
    { server: `https://me:${SECRET}@a.example/` },
    { '/server': 'https://***@a.example/' },
  ],
  [
    'a field of a JSON body',
    { body: `{"q": {{ words | json }}, "api_key": "${SECRET}"}` },
    { '/body': '{"q": {{ words | json }}, "api_key": "***"}' },
  ],
  ['a field of a form', { body: `token=${SECRET}&q={{ q }}` }, { '/body': 'token=***&q={{ q }}' }],
  ['a credential of a document', { auth: { any: `me:${SECRET}` } }, { '/auth/any': '***' }],
  ['a variable', { env: { GITHUB_TOKEN: SECRET, LOG_LEVEL: 'debug' } }, { '/env/GITHUB_TOKEN': '***' }],
  [
    'options of a program',
    { args: ['-y', `--api-key=${SECRET}`, '--token', SECRET, '--port', '80'] },
    { '/args/1': '--api-key=***', '/args/3': '***' },
  ],
])('finds %s', (_, tool, shown) => {
  const found = writtenCredentials({ type: 'any', ...tool })
  expect(Object.fromEntries(found.map((one) => [one.pointer, one.shown]))).toEqual(shown)
})

it.each<[string, Record<string, unknown>]>([
  ['a secret', { headers: { Authorization: 'Bearer {{ secrets.TOKEN }}', 'X-Api-Key': '{{secrets.KEY}}' } }],
  ['an unknown scheme', { headers: { Authorization: 'GenieKey {{ secrets.TOKEN }}' } }],
  ['a cookie from a secret', { headers: { Cookie: 'session={{ secrets.A }}; id={{ secrets.B }}' } }],
  ['an argument', { url: 'https://a.example/?token={{ token }}', headers: { 'X-Token': '{{ token }}' } }],
  ['a field by its name', { headers: { 'X-Token': '{{ arguments["customer_token"] }}' } }],
  ['a secret in a body', { body: '{"token": "{{ secrets.TOKEN }}", "q": "words"}' }],
  [
    'other headers',
    { headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' } },
  ],
  ['a secret for a document', { auth: { basic: '{{ secrets.USER }}:{{ secrets.PASSWORD }}' } }],
  ['nothing', {}],
])('leaves %s', (_, tool) => {
  expect(writtenCredentials({ type: 'any', ...tool })).toEqual([])
})

it.each(['?a', '{{', '"a":"', 'token=', '://', '/bot1'])(
  'takes time in proportion to a body of %j',
  (piece) => {
    const started = performance.now()
    writtenCredentials({ type: 'http', body: piece.repeat(500_000 / piece.length) })
    expect(performance.now() - started).toBeLessThan(3_000)
  },
)
