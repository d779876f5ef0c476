import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { callOf } from '../ui/src/lib/snippets/call.ts'
import { LANGUAGES } from '../ui/src/lib/snippets/snippets.ts'
import { startTestApp, type TestApp } from './harness/api.ts'

// What the console offers to copy is run as it is, against webhooks that refuse what is not signed as they expect.

const RUN: Record<string, { file: string; command: string }> = {
  curl: { file: 'call.sh', command: 'sh' },
  JavaScript: { file: 'call.mjs', command: process.execPath },
  Python: { file: 'call.py', command: 'python3' },
}
/** As with the documentation: where there is no Python, it is not run. Go takes a minute to compile; it is compared. */
const LANGUAGES_HERE = LANGUAGES.filter(
  ({ name }) => name in RUN && (name !== 'Python' || spawnSync('python3', ['--version']).status === 0),
)

const PAYLOAD = { question: 'it\'s "so" \\ $HOME `id` 100%', nested: { list: [1, true, null] }, ключ: '🔔\n' }
const TEXT_SECRET = "s3cret with 'quotes' & $signs"
const STANDARD_SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`

/** Of no webhook. */
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 8).toString('base64')}`

const WEBHOOKS: [name: string, settings: Record<string, unknown>, secret?: string][] = [
  ['nothing', {}],
  ['a bearer token', { secrets: ['token-1'] }, 'token-1'],
  ['Standard Webhooks', { source: 'standard_webhooks', secrets: [STANDARD_SECRET] }, STANDARD_SECRET],
  ['the default signature', { source: 'hmac', secrets: [TEXT_SECRET] }, TEXT_SECRET],
  [
    'time and id',
    {
      source: 'hmac',
      secrets: [TEXT_SECRET],
      hmac: {
        header: 'X-Signature',
        algorithm: 'sha512',
        encoding: 'base64url',
        prefix: 'v0=',
        signed: 'v0:{timestamp}:{id}_{method}:{header:Content-Type}:{body}"`$',
        timestamp_header: 'X-Time',
      },
    },
    TEXT_SECRET,
  ],
  [
    'one header for both',
    {
      source: 'generic',
      secrets: [TEXT_SECRET],
      hmac: {
        header: 'X-Signature',
        algorithm: 'sha1',
        encoding: 'hex',
        signed: '{timestamp}.{body}',
        timestamp_header: 'X-Signature',
      },
    },
    TEXT_SECRET,
  ],
]

let app: TestApp
let agentId: string
let folder: string
beforeAll(async () => {
  app = await startTestApp()
  agentId = (await app.createAgent()).id
  folder = await mkdtemp(join(tmpdir(), 'bellwire-snippets-'))
})
afterAll(async () => {
  await app?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function run(language: string, program: string, secret: string): Promise<string> {
  const { file, command } = RUN[language] ?? { file: '', command: '' }
  await writeFile(join(folder, file), program)
  const env = { ...process.env, WEBHOOK_SECRET: secret }
  const child = spawn(command, [join(folder, file)], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  return out.trim() === '' ? errors : out
}

const newest = async () =>
  (await app.call('GET', `/api/tasks?agent_id=${agentId}&limit=1`)).body.data[0]?.id as string | undefined

for (const { name: language, write } of LANGUAGES_HERE) {
  it.each(WEBHOOKS)(
    `in ${language} call a webhook that expects %s`,
    async (_name, settings, secret = '') => {
      const { body: webhook } = await app.call('POST', `/api/agents/${agentId}/webhooks`, settings)
      const before = await newest()
      const made = callOf(webhook, { payload: PAYLOAD, withKey: true, waits: false })
      if ('reason' in made) throw new Error(made.reason)
      const output = await run(language, write(made.call, webhook.url), secret)
      const id = await newest()
      expect([output, id]).not.toEqual([output, before])
      expect(output).toContain(id)
      const { body: task } = await app.call('GET', `/api/tasks/${id}`)
      expect(task).toMatchObject({ payload: PAYLOAD, sender_verified: secret !== '' })

      // Another secret is of no use.
      if (secret === '') return
      const refused = await run(language, write(made.call, webhook.url), OTHER_SECRET)
      expect([refused, await newest()]).toEqual([expect.stringMatching(/401|signature/i), id])
    },
    60_000,
  )

  it(`in ${language} use a query where only GET is accepted, and wait for the result`, async () => {
    const { body: webhook } = await app.call('POST', `/api/agents/${agentId}/webhooks`, {
      methods: ['GET'],
      secrets: ['token-2'],
    })
    const payload = { question: 'Why & what?', more: { a: 1 } }
    const made = callOf(webhook, { payload, withKey: true, waits: true })
    if ('reason' in made) throw new Error(made.reason)
    const output = await run(language, write(made.call, webhook.url), 'token-2')
    expect(output).toContain('answer')
    const { body: task } = await app.call('GET', `/api/tasks/${await newest()}`)
    expect(task.payload).toEqual({ question: 'Why & what?', more: '{"a":1}' })
  }, 60_000)

  it(`in ${language} print a response of the webhook's own form`, async () => {
    const { body: webhook } = await app.call('POST', `/api/agents/${agentId}/webhooks`, {
      respond: { status: 202, headers: { 'Content-Type': 'text/xml' }, body: '<taken/>' },
    })
    const made = callOf(webhook, { payload: PAYLOAD, withKey: false, waits: false })
    if ('reason' in made) throw new Error(made.reason)
    expect(await run(language, write(made.call, webhook.url), '')).toContain('<taken/>')
  }, 60_000)
}
