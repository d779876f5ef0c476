import { expect, it } from 'vitest'
import type { HmacSettings } from '../../contract/hmacSettings.ts'
import { webhookWarnings } from './webhookWarnings.ts'

const hmac: HmacSettings = { header: 'X-Signature', algorithm: 'sha256', encoding: 'hex', signed: '{body}' }
const timed: HmacSettings = { ...hmac, signed: '{timestamp}.{body}', timestamp_header: 'X-Time' }

it('warns of signatures that can be used again', () => {
  for (const options of [{ source: 'hmac' }, { source: 'generic', hmac }, { source: 'dropbox' }] as const) {
    expect(webhookWarnings(options)).toEqual([expect.stringContaining('{"from": "body"}')])
    expect(webhookWarnings({ ...options, dedupe: { from: 'body' } })).toEqual([])
  }
  expect(webhookWarnings({ source: 'hmac', hmac: timed })).toEqual([])
  expect(webhookWarnings({ source: 'generic' })).toEqual([])
  expect(webhookWarnings({ source: 'github' })).toEqual([])
})
