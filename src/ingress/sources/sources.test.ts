import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mac } from '../../../test/sources/sample.ts'
import { BellwireError } from '../../errors.ts'
import { parseQuery } from '../payload/parseQuery.ts'
import { compileSource } from './compile.ts'
import { computed, field, fieldOfEach, firstOf, header, joined, locate } from './locator.ts'

const outbound = { fetch: () => Promise.reject(new Error('not expected to fetch anything')) }

function faultsOf(compile: () => unknown): unknown {
  try {
    compile()
    return []
  } catch (error) {
    if (error instanceof BellwireError && error.code === 'schema_invalid') return error.options.errors
    throw error
  }
}

describe('a source', () => {
  it.each([
    [{ source: 'githup' }, [], '/source', 'did you mean github?'],
    [{ source: 'something else' }, [], '/source', 'use one of generic, standard_webhooks'],
    [{ source: '__proto__' }, [], '/source', 'not a known source'],
    [{ source: 'discord' }, ['not hex'], '/secrets/0', '64 hexadecimal digits'],
    [{ source: 'sendgrid' }, ['MFkw'], '/secrets/0', 'verification key'],
    [{ source: 'aws_sns' }, ['arn:aws:sns:eu-west-1:123456789012:a', 'alarms'], '/secrets/1', 'ARN'],
    [{ source: 'standard_webhooks' }, ['whsec_ä'], '/secrets/0', 'whsec_'],
    [{ source: 'telegram' }, ['with spaces'], '/secrets/0', 'letters'],
  ])('%j with %j is refused', (options, secrets, pointer, detail) => {
    const faults = faultsOf(() => compileSource(options, secrets, outbound))
    expect(faults).toMatchObject([{ pointer, detail: expect.stringContaining(detail) }])
  })

  const settings = { header: 'X-Sig', algorithm: 'sha256', encoding: 'hex', signed: '{body}' } as const

  it.each([
    ['github', settings, 'has no effect with the source github'],
    ['hmac', { ...settings, signed: '{timestamp}{body}' }, 'timestamp_header'],
    ['hmac', { ...settings, tolerance_seconds: 5 }, 'no effect without timestamp_header'],
    ['generic', { ...settings, signed: 'fixed' }, 'must contain {body}'],
    ['generic', { ...settings, signed: '{nonce}{body}' }, '{nonce} is unknown'],
  ])('%s with these settings of hmac is refused: %j', (source, hmac, detail) => {
    const faults = faultsOf(() => compileSource({ source, hmac }, ['s'], outbound))
    expect(faults).toMatchObject([{ pointer: '/hmac', detail: expect.stringContaining(detail) }])
  })

  it('without one of its own may say how it signs', async () => {
    const { verify } = compileSource({ source: 'generic', hmac: settings }, ['s'], outbound)
    const request = {
      method: 'POST',
      url: 'https://bellwire.example/',
      headers: { 'x-sig': mac('sha256', 's', '{}') },
      query: {},
      rawBody: Buffer.from('{}'),
      now: new Date(),
    }
    expect(await verify?.(request)).toMatchObject({ ok: true })
    expect(await verify?.({ ...request, rawBody: Buffer.from('{ }') })).toMatchObject({ ok: false })
    expect(compileSource({ source: 'generic', hmac: settings }, [], outbound).verify).toBeDefined()
    expect(compileSource({ source: 'generic' }, [], outbound).verify).toBeUndefined()
  })

  it('may have the time of signing inside of the header', async () => {
    const now = new Date('2026-11-01T12:00:00Z')
    const hmac = { ...settings, signed: '{timestamp}.{body}', timestamp_header: 'X-Sig' }
    const { verify } = compileSource({ source: 'hmac', hmac }, ['s'], outbound)
    const send = (age: number) => {
      const time = now.getTime() / 1000 - age
      return {
        method: 'POST',
        url: 'https://bellwire.example/',
        headers: { 'x-sig': `t=${time},v1=${mac('sha256', 's', `${time}.{}`)}` },
        query: {},
        rawBody: Buffer.from('{}'),
        now,
      }
    }
    expect(await verify?.(send(299))).toMatchObject({ ok: true })
    expect(await verify?.(send(301))).toMatchObject({ ok: false, reason: 'timestamp_expired' })
  })
})

describe('Twilio', () => {
  const { verify } = compileSource({ source: 'twilio' }, ['12345'], outbound)
  const check = (signedUrl: string, url: string, body: string, type: string, signedFields = '') => {
    const [, search = ''] = url.split('?')
    return verify?.({
      method: body === '' ? 'GET' : 'POST',
      url,
      headers: {
        'content-type': type,
        'x-twilio-signature': mac('sha1', '12345', signedUrl + signedFields, 'base64'),
      },
      query: parseQuery(search),
      rawBody: Buffer.from(body),
      now: new Date(),
    })
  }
  const form = 'application/x-www-form-urlencoded'

  it.each([
    ['https://a.example:443/x?b=c', 'https://a.example/x?b=c'],
    ['https://a.example/x', 'https://a.example:8443/x'],
    ['http://a.example:80/x', 'http://a.example/x'],
    ['https://a.example:8443/x', 'https://a.example:8443/x'],
  ])('may sign %s for %s', async (signed, url) => {
    expect(await check(signed, url, 'A=1', form, 'A1')).toMatchObject({ ok: true })
  })

  it('signs every value of a field that comes more than once', async () => {
    expect(
      await check('https://a.example/', 'https://a.example/', 'B=2&A=y&A=x&A=y', form, 'AxAyB2'),
    ).toMatchObject({
      ok: true,
    })
  })

  it('signs the hash of JSON in the URL, and no other body', async () => {
    const body = '{"CallSid":"CA1"}'
    const hash = createHash('sha256').update(body).digest('hex')
    const url = `https://a.example/x?bodySHA256=${hash}`
    expect(await check(url, url, body, 'application/json')).toMatchObject({ ok: true })
    expect(await check(url, url, '{"CallSid":"CA2"}', 'application/json')).toMatchObject({ ok: false })
    const bare = 'https://a.example/x'
    expect(await check(bare, bare, body, 'application/json')).toMatchObject({ ok: false })
    expect(await check(bare, bare, '', '')).toMatchObject({ ok: true })
  })
})

describe('what a sender encoded', () => {
  it('is decoded for the agent, in its place', () => {
    const { unpack } = compileSource({ source: 'google_pubsub' }, [], outbound)
    const send = (data: string) => ({ message: { data, messageId: '1' }, subscription: 's' })
    expect(unpack?.(send(btoa('{"a":1}')))).toEqual({
      message: { data: { a: 1 }, messageId: '1' },
      subscription: 's',
    })
    expect(unpack?.(send(btoa('plain')))).toMatchObject({ message: { data: 'plain' } })
    expect(unpack?.(send('/w=='))).toMatchObject({ message: { data: '/w==' } })
    for (const other of [null, [], {}, { message: 1 }, 'x']) expect(unpack?.(other)).toEqual(other)
  })

  it('reaches the agent without what AWS did not sign', () => {
    const { unpack } = compileSource({ source: 'aws_sns' }, [], outbound)
    expect(unpack?.({ Type: 'Notification', Message: '{"a":1}', Signature: 's', Extra: 'do evil' })).toEqual({
      Type: 'Notification',
      Message: { a: 1 },
    })
    expect(unpack?.({ Message: 'plain text' })).toEqual({ Message: 'plain text' })
    expect(unpack?.({ Message: '{not JSON' })).toEqual({ Message: '{not JSON' })
  })
})

describe('a place in a request', () => {
  const message = {
    headers: { 'x-event': 'e', 'x-list': ['a', 'b'] },
    payload: { a: { 'b/c': 'x', n: 5, empty: '' }, list: [{ id: 1 }, { id: 2 }], 'm~n': 'tilde' },
  }

  it.each([
    [field('/a/b~1c'), 'x'],
    [field('/a/n'), '5'],
    [field('/m~0n'), 'tilde'],
    [field('/list/1/id'), '2'],
    [field('/list/-1/id'), undefined],
    [field('/a/empty'), undefined],
    [field('/a'), undefined],
    [field('/constructor/name'), undefined],
    [header('X-Other', 'X-Event'), 'e'],
    [header('X-List'), 'a, b'],
    [firstOf(field('/none'), field('/a/empty'), field('/a/n')), '5'],
    [joined(field('/a/n'), field('/none'), header('X-Event')), '5.e'],
    [joined(field('/none'), header('X-Event')), undefined],
    [fieldOfEach('/list', '/id'), '1,2'],
    [fieldOfEach('/list', '/none'), undefined],
    [fieldOfEach('', '/a/n'), '5'],
    [computed('it', () => 'worked out'), 'worked out'],
  ])('%j holds %j', (locator, expected) => {
    expect(locate(locator, message)).toBe(expected)
  })

  it('with a very long text is represented by its hash', () => {
    const found = locate(field('/id'), { headers: {}, payload: { id: 'x'.repeat(10_000) } })
    expect(found).toMatch(/^[0-9a-f]{64}$/)
  })
})
