import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Reply } from '../../../../src/contract/reply.ts'
import { Webhook, WebhookPatch } from '../../../../src/contract/webhook.ts'
import { CALLBACK_FIELDS, fromForm as fromCallback, toForm as toCallback } from './callbackForm.ts'
import { PLACES, TEXTS } from './replyForm.ts'
import { changeOf, FIELDS, labelOf, toForm } from './webhookForm.ts'

const TIME = '2026-01-01T00:00:00Z'

const webhook = Webhook.parse({
  id: 'w',
  agent_id: 'a',
  version: 1,
  name: 'Shop',
  enabled: true,
  is_default: true,
  url: 'http://localhost/x',
  source: 'hmac',
  hmac: { header: 'X-Signature', prefix: 'sha256=', tolerance_seconds: 60 },
  payload_schema: { type: 'object' },
  dedupe: { from: 'json:/event:id', ttl_seconds: 60 },
  split: '/items',
  rate_limit: { requests: 5, per_seconds: 60 },
  filter: 'payload.ok',
  trusted: 'payload.member',
  secrets: { count: 1, updated_at: TIME },
  held: { count: 0, oldest_at: null },
  callback: null,
  warnings: [],
  created_at: TIME,
  updated_at: TIME,
})
const form = toForm(webhook)

describe('the form of a webhook', () => {
  it('changes nothing as it comes, and only what was changed', () => {
    expect(changeOf(form, toForm(webhook))).toEqual({ patch: {} })
    expect(changeOf(form, { ...form, dedupeAt: '/id' })).toEqual({
      patch: { dedupe: { from: 'json:/id', ttl_seconds: 60 } },
    })
    expect(changeOf(form, { ...form, secrets: ['', 'new'] })).toEqual({ patch: { secrets: ['new'] } })
    expect(changeOf(form, { ...form, secrets: ['new'], storedSecrets: 'keep' })).toEqual({
      patch: { secrets: ['new'], keep_secrets: 10 },
    })
    expect(changeOf(form, { ...form, storedSecrets: 'keep' })).toEqual({ patch: {} })
    expect(changeOf(form, { ...form, storedSecrets: 'newest' })).toEqual({
      patch: { secrets: [], keep_secrets: 1 },
    })
    expect(changeOf(form, { ...form, storedSecrets: 'remove' })).toEqual({ patch: { secrets: [] } })
  })

  it('unsets what was emptied, in a form that the API takes', () => {
    const emptied = {
      ...form,
      source: 'github',
      payload_schema: '',
      dedupe: 'default' as const,
      split: 'default' as const,
      requests: '',
      per_seconds: ' ',
      filter: '',
      trusted: '',
    }
    const read = changeOf(form, emptied)
    const none = { hmac: null, payload_schema: null, dedupe: null, split: null, rate_limit: null }
    expect(read).toEqual({ patch: { source: 'github', ...none, filter: null, trusted: null } })
    expect('patch' in read && WebhookPatch.parse(read.patch)).toMatchObject(none)
  })

  it('finds wrong only what could not be sent', () => {
    const read = changeOf(form, { ...form, payload_schema: '[', requests: 'many', loop_limit: '', name: '' })
    expect('errors' in read && Object.keys(read.errors).toSorted()).toEqual([
      'loop_limit',
      'payload_schema',
      'rate_limit/requests',
    ])
  })
})

type JsonSchema = {
  $ref?: string
  $defs?: Record<string, JsonSchema>
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  type?: string
  const?: unknown
  enum?: unknown[]
  items?: JsonSchema
}

const PATCH: JsonSchema = z.toJSONSchema(WebhookPatch, { io: 'input', unrepresentable: 'any' }) as JsonSchema

function resolve(schema: JsonSchema): JsonSchema {
  return schema.$ref === undefined ? schema : (PATCH.$defs?.[schema.$ref.split('/').at(-1) ?? ''] ?? {})
}

/** The forms that a value may have, without null. */
function formsOf(schema: JsonSchema): JsonSchema[] {
  const { anyOf, oneOf, ...plain } = resolve(schema)
  const members = anyOf ?? oneOf
  return members ? members.flatMap(formsOf) : plain.type === 'null' ? [] : [plain]
}

/** Everything in a schema that is a value of its own, as pointers without their first slash. */
function leavesOf(schema: JsonSchema, at = ''): string[] {
  return formsOf(schema).flatMap(({ properties }) =>
    properties
      ? Object.entries(properties).flatMap(([name, inner]) =>
          leavesOf(inner, at === '' ? name : `${at}/${name}`),
        )
      : [at],
  )
}

/** Set elsewhere than in the form: by the switch of the panel, and by the dialog that rotates the secret. */
const ELSEWHERE = ['enabled', 'callback/secret']

describe('the contract', () => {
  const leaves = new Set(leavesOf(PATCH))

  it('has no field that the form does not show', () => {
    expect(leaves.size).toBeGreaterThan(50)
    const shown = new Set<string>([...FIELDS, ...CALLBACK_FIELDS, ...ELSEWHERE])
    expect([...leaves].filter((field) => !shown.has(field))).toEqual([])
  })

  it('has every field that the form shows', () => {
    const groups = ['reply']
    const shown = [...FIELDS, ...CALLBACK_FIELDS].filter((field) => !groups.includes(field))
    expect(shown.filter((field) => !leaves.has(field))).toEqual([])
  })

  const places = formsOf(PATCH.properties?.['reply'] ?? {})

  it.each(places)('knows a reply to $properties.to.const as a whole', ({ properties = {} }) => {
    const reply = Reply.parse(
      Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, sampleOf(name, schema)])),
    )
    const before = toForm({ ...webhook, reply })
    const after = { ...before, reply: { ...before.reply, text: 'Changed' } }
    expect(changeOf(before, after)).toEqual({ patch: { reply: { ...reply, text: 'Changed' } } })
  })

  it('has all places of replies, and the defaults that the form shows for empty fields', () => {
    expect(places).toHaveLength(Object.keys(PLACES).length)
    for (const [to, { fields }] of Object.entries(PLACES)) {
      const needed = Object.entries(fields).filter(([, { required }]) => required)
      const values = Object.fromEntries(needed.map(([name]) => [name, 'NEEDED']))
      const bare: Record<string, unknown> = Reply.parse({ to, ...values })
      expect(bare).toMatchObject(TEXTS)
      for (const [name, { empty = '' }] of Object.entries(fields)) {
        if (typeof bare[name] === 'string' && empty !== '') expect([name, bare[name]]).toEqual([name, empty])
      }
    }
  })

  it.each([
    'task',
    'result',
    { wait_seconds: 5, status: 202, headers: { 'X-Kind': 'a: b' }, body: '' },
  ] as const)('keeps the response %j', (respond) => {
    const before = toForm({ ...webhook, respond })
    const after = { ...before, respond: { ...before.respond, kind: 'task' as const } }
    expect(changeOf(before, before)).toEqual({ patch: {} })
    expect(changeOf(after, before)).toEqual({ patch: respond === 'task' ? {} : { respond } })
  })

  it('keeps conversations, bursts, silence and callbacks', () => {
    const conversation = { key: 'payload.id', while_running: 'append' as const, keep_days: 7 }
    const coalesce = { key: 'payload.id', window_seconds: 1.5, max: 9 }
    const before = toForm(webhook)
    for (const expectEvery of ['1d', 3_600]) {
      const after = toForm({ ...webhook, conversation, coalesce, expect_every: expectEvery })
      expect(changeOf(before, after)).toEqual({
        patch: { conversation, coalesce, expect_every: expectEvery },
      })
      expect(changeOf(after, before)).toEqual({
        patch: { conversation: null, coalesce: null, expect_every: null },
      })
    }
    const callback = {
      url: 'https://a.example',
      events: ['end' as const, 'step' as const],
      content: 'thin' as const,
      hosts: ['a.example', '*.b.example'],
    }
    const stored = { ...callback, disabled_at: null, updated_at: TIME }
    expect(fromCallback(toCallback(stored))).toEqual(callback)
  })

  it('names each part of the form', () => {
    for (const field of Object.keys(form)) expect(labelOf(field)).toMatch(/^[A-Z][^_]+$/)
  })
})

function sampleOf(name: string, schema: JsonSchema): unknown {
  const { const: only, enum: choices, type, items } = resolve(schema)
  if (only !== undefined) return only
  if (type === 'array') return items?.enum?.toSorted()
  if (choices) return choices.at(-1)
  return { base_url: 'https://own.example/api', secret: 'TOKEN' }[name] ?? `Of ${name}`
}
