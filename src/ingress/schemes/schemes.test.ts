import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalBytes, equalTexts } from './constantTime.ts'
import { decode } from './encoding.ts'
import { hmac } from './hmac.ts'
import type { Outbound, SignedRequest } from './scheme.ts'
import { sharedSecret } from './sharedSecret.ts'
import { readList, readPairs } from './signatureHeader.ts'
import { compileSigned } from './signedTemplate.ts'
import { checkAge, parseTimestamp } from './timestamp.ts'

const outbound: Outbound = { fetch: () => Promise.reject(new Error('not expected to fetch anything')) }

function request(headers: Record<string, string>, body = '{}'): SignedRequest {
  return {
    method: 'POST',
    url: 'https://bellwire.example/x?a=1',
    headers,
    query: {},
    rawBody: Buffer.from(body),
    now: new Date(1_000_000_000_000),
  }
}

describe('comparing', () => {
  it('says of bytes and texts what === says, whatever their lengths', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (a, b) => {
        expect(equalBytes(a, b)).toBe(Buffer.from(a).equals(b))
        expect(equalBytes(a, Uint8Array.from(a))).toBe(true)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(equalTexts(a, b)).toBe(Buffer.from(a).equals(Buffer.from(b)))
        expect(equalTexts(a, a)).toBe(true)
      }),
    )
  })

  it('decodes what was encoded, and nothing else', () => {
    const encodings = ['hex', 'base64', 'base64url'] as const
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 70 }),
        fc.constantFrom(...encodings),
        (bytes, encoding) => {
          expect(decode(Buffer.from(bytes).toString(encoding), encoding)).toEqual(Buffer.from(bytes))
        },
      ),
    )
    for (const text of ['', 'abc', 'zz', '0x00', 'aa ', 'ää']) expect(decode(text, 'hex')).toBeUndefined()
    for (const text of ['', '=', 'a b', 'ä', 'abc===']) expect(decode(text, 'base64')).toBeUndefined()
  })
})

describe('a signature header', () => {
  const token = fc.stringMatching(/^[A-Za-z0-9+/]{1,64}={0,2}$/)

  it('gives every signature in it, in any usual form', () => {
    fc.assert(
      fc.property(
        fc.array(token, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(' ', ',', ', '),
        (list, by) => {
          expect(readList(list.join(by)).signatures).toEqual(list)
          const prefixed = list.map((one) => `v9=${one}`)
          expect(readList([...prefixed, 'v8=other'].join(by), 'v9=').signatures).toEqual(list)
        },
      ),
    )
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 20 }), (list) => {
        const value = [...list.map((one) => `v1,${one}`), 'v1a,other'].join(' ')
        expect(readList(value, 'v1,').signatures).toEqual(list)
      }),
    )
    expect(readList('HMAC-SHA256 abc', 'HMAC-SHA256 ').signatures).toEqual(['abc'])
  })

  it('gives the timestamp and the signatures of pairs in any order', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(token, { maxLength: 10 }), fc.boolean(), (time, list, first) => {
        const signatures = list.map((one) => `v1=${one}`)
        const parts = first ? [`t=${time}`, ...signatures] : [...signatures, `t=${time}`]
        expect(readPairs(parts.join(','), { timestamp: 't', signature: 'v1' })).toEqual({
          signatures: list,
          timestamp: String(time),
        })
      }),
    )
  })

  it('is read within bounds, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 2_000 }),
        fc.string({ maxLength: 5 }),
        (value, prefix) => {
          expect(readList(value, prefix).signatures.length).toBeLessThanOrEqual(20)
          readPairs(value, { timestamp: 't', signature: 'v1' })
        },
      ),
    )
    expect(readList('a,'.repeat(100_000)).signatures).toHaveLength(20)
  })
})

describe('a timestamp', () => {
  it.each([
    ['1000000000', 1_000_000_000_000],
    ['1000000000000', 1_000_000_000_000],
    ['2001-09-09T01:46:40Z', 1_000_000_000_000],
    ['2001-09-09T03:46:40.000+02:00', 1_000_000_000_000],
    ['', undefined],
    ['1e9', undefined],
    ['-5', undefined],
    ['0x3b9aca00', undefined],
    ['tomorrow', undefined],
    ['2001-13-40T99:99:99Z', undefined],
    ['9'.repeat(40), undefined],
  ])('%j is %s', (text, time) => {
    expect(parseTimestamp(text)).toBe(time)
  })

  it('is refused outside of the tolerance, before and after', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10_000, max: 10_000 }), (offset) => {
        const now = new Date(1_000_000_000_000)
        const text = String(1_000_000_000 + offset)
        const refused = checkAge(text, { name: 'X-Time', toleranceSeconds: 300, now })
        expect(refused === undefined).toBe(Math.abs(offset) <= 300)
      }),
    )
  })
})

describe('what a signature covers', () => {
  it('is put together from the request', () => {
    const built = compileSigned('v0:{timestamp}:{id}:{method}:{url}:{header:X-Nonce}:{body}.').build(
      request({ 'webhook-id': 'w1', 'x-nonce': 'n1' }, 'B'),
      '12',
    )
    if ('missing' in built) throw new Error(built.missing)
    expect(built.message.map(String).join('')).toBe('v0:12:w1:POST:https://bellwire.example/x?a=1:n1:B.')
  })

  it.each([
    ['{timestamp}', 'must contain {body}'],
    ['{body}{nonce}', '{nonce} is unknown'],
    ['{body}{header:}', '{header:} is unknown'],
    ['{body}{header:a b}', '{header:a b} is unknown'],
  ])('is refused as %j', (text, message) => {
    expect(() => compileSigned(text)).toThrow(message)
  })

  it('says which header it lacks', () => {
    expect(compileSigned('{header:X-Nonce}{body}').build(request({}), '')).toEqual({ missing: 'X-Nonce' })
  })
})

describe('an HMAC', () => {
  const key = fc.string({ minLength: 1, maxLength: 100 })
  const options = fc.record({
    algorithm: fc.constantFrom('sha1', 'sha256', 'sha384', 'sha512'),
    encoding: fc.constantFrom('hex', 'base64', 'base64url'),
    prefix: fc.constantFrom('', 'sha256=', 'v1,', 'HMAC '),
  })

  it('verifies what was signed with one of the secrets, and nothing else', () => {
    fc.assert(
      fc.property(options, key, key, fc.string({ unit: 'binary' }), (chosen, secret, other, body) => {
        fc.pre(secret !== other)
        const scheme = hmac({ header: 'X-Signature', signed: 'a{body}z', ...chosen })
        const { algorithm, encoding, prefix } = chosen
        const signature = createHmac(algorithm, secret).update(`a${body}z`).digest(encoding)
        const signed = request({ 'x-signature': prefix + signature }, body)
        expect(scheme.verify(signed, [secret], outbound)).toEqual({ ok: true, verified: true })
        expect(scheme.verify(signed, [other, secret], outbound)).toEqual({ ok: true, verified: true })
        expect(scheme.verify(signed, [other], outbound)).toMatchObject({
          ok: false,
          reason: 'signature_invalid',
        })
        expect(
          scheme.verify({ ...signed, rawBody: Buffer.from(`${body}.`) }, [secret], outbound),
        ).toMatchObject({
          ok: false,
          reason: 'signature_invalid',
        })
      }),
    )
  })

  it('refuses any other header without throwing', () => {
    const scheme = hmac({
      header: 'X-Signature',
      algorithm: 'sha256',
      encoding: 'hex',
      read: (value) => readPairs(value, { timestamp: 't', signature: 'v1' }),
      signed: '{timestamp}.{body}',
      time: { toleranceSeconds: 300 },
    })
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (value, time) => {
        for (const header of [value, `t=${time},v1=${value}`, `v1=${value},t=${time}`]) {
          expect(scheme.verify(request({ 'x-signature': header }), ['s'], outbound)).toMatchObject({
            ok: false,
          })
        }
      }),
    )
  })
})

describe('a shared secret', () => {
  const scheme = sharedSecret({ authorization: true }, { header: 'X-Token' }, { query: 'secret' })

  it.each([
    [{ authorization: 's3cret' }, {}],
    [{ authorization: 'Bearer s3cret' }, {}],
    [{ authorization: 'bearer  s3cret' }, {}],
    [{ authorization: `Basic ${btoa('anybody:s3cret')}` }, {}],
    [{ 'x-token': 's3cret' }, {}],
    [{ authorization: 'Bearer of something else', 'x-token': 's3cret' }, {}],
    [{}, { secret: 's3cret' }],
  ])('is found in %j %j', (headers, query) => {
    expect(scheme.verify({ ...request({ ...headers }), query }, ['other', 's3cret'], outbound)).toMatchObject(
      {
        ok: true,
      },
    )
    expect(scheme.verify({ ...request({ ...headers }), query }, ['other'], outbound)).toMatchObject({
      ok: false,
      reason: 'signature_invalid',
    })
  })

  it.each([
    [{}, {}],
    [{ authorization: '' }, {}],
    [{}, { secret: '' }],
    [{}, { secret: ['s3cret', 's3cret'] }],
    [{ 'x-other': 's3cret' }, {}],
  ])('is missing in %j %j', (headers, query) => {
    expect(scheme.verify({ ...request({ ...headers }), query }, ['s3cret'], outbound)).toMatchObject({
      reason: 'signature_missing',
    })
  })
})
