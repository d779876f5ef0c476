import { describe, expect, it } from 'vitest'
import { Webhook, WebhookPatch } from '../../../../src/contract/webhook.ts'
import { changeOf, toForm } from './webhookForm.ts'

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
    expect(changeOf(form, { ...form, removeSecrets: true })).toEqual({ patch: { secrets: [] } })
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
