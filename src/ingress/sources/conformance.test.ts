import { describe, expect, it } from 'vitest'
import type { Delivery, Sample, Sending } from '../../../test/sources/sample.ts'
import { SAMPLES } from '../../../test/sources/samples.ts'
import type { Outbound, SignedRequest, Verification } from '../schemes/scheme.ts'
import { parseQuery } from '../payload/parseQuery.ts'
import { compileSource, type CompiledSource } from './compile.ts'
import { SOURCE_NAMES, SOURCES, type SourceName } from './index.ts'

const BASE = 'https://bellwire.example/api/webhooks/agents/tZ7XcQ'
const NOW = new Date('2026-11-01T12:00:00Z')

/** Gives the documents of a sample in place of the network. */
function outboundOf({ documents }: Sample): Outbound {
  return {
    async fetch(url) {
      const text = await documents?.(url)
      return text === undefined ? new Response(null, { status: 404 }) : new Response(text)
    },
  }
}

function compile(name: SourceName, secrets: readonly string[]): CompiledSource {
  const sample = SAMPLES[name]
  return compileSource({ source: name, hmac: sample.hmac }, secrets, outboundOf(sample))
}

function arriving({ method, search, headers, body }: Delivery): SignedRequest {
  return {
    method,
    url: search === '' ? BASE : `${BASE}?${search}`,
    headers,
    query: parseQuery(search),
    rawBody: Buffer.from(body),
    now: NOW,
  }
}

/** What is made of a body before a source looks at it. */
function payloadOf(headers: Record<string, string>, body: string): unknown {
  const isForm = headers['content-type']?.includes('urlencoded')
  return isForm ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body)
}

async function verify(source: CompiledSource, delivery: Delivery): Promise<Verification> {
  if (!source.verify) throw new Error(`${source.name} checks nothing`)
  return source.verify(arriving(delivery))
}

function ageBy(seconds: number): Date {
  return new Date(NOW.getTime() - seconds * 1000)
}

describe.each(SOURCE_NAMES)('the source %s', (name) => {
  const sample = SAMPLES[name]
  const source = SOURCES[name]
  const [first, second] = sample.secrets
  const sending: Sending = { secret: first, at: NOW, url: BASE }
  const compiled = compile(name, [first])

  it('accepts what the sender signs', async () => {
    expect(await verify(compiled, await sample.send(sending))).toEqual({ ok: true, verified: true })
  })

  if (source.scheme.kind !== 'shared secret' && source.scheme.kind !== 'JWT')
    it('refuses a body that was changed', async () => {
      const delivery = await sample.send(sending)
      const appended = sample.signsFields ? [] : [`${delivery.body} `]
      for (const body of [...appended, delivery.body.replace(/[a-z]/, 'X'), '']) {
        expect(await verify(compiled, { ...delivery, body })).toMatchObject({ ok: false })
      }
    })

  it('refuses another secret', async () => {
    const delivery = await sample.send({ ...sending, secret: second })
    expect(await verify(compiled, delivery)).toMatchObject({ ok: false })
  })

  if (sample.tolerance !== undefined)
    it('refuses what was signed too long ago, or ahead', async () => {
      const tolerance = sample.tolerance ?? 0
      for (const age of [tolerance - 1, 1 - tolerance]) {
        expect(await verify(compiled, await sample.send({ ...sending, at: ageBy(age) }))).toMatchObject({
          ok: true,
        })
      }
      for (const age of [tolerance + 2, -tolerance - 2]) {
        const refused = await verify(compiled, await sample.send({ ...sending, at: ageBy(age) }))
        expect(refused).toMatchObject({ ok: false, reason: 'timestamp_expired' })
      }
    })

  if (sample.tolerance === undefined)
    it('sets no time limit, because the sender signs none', async () => {
      const delivery = await sample.send({ ...sending, at: ageBy(3600) })
      expect(await verify(compiled, delivery)).toMatchObject({ ok: true })
    })

  it.each(sample.needs)('says that %s is missing', async (header) => {
    const delivery = await sample.send(sending)
    expect(delivery.headers).toHaveProperty([header])
    for (const absent of [undefined, '']) {
      const headers = Object.fromEntries(Object.entries(delivery.headers).filter(([key]) => key !== header))
      if (absent !== undefined) headers[header] = absent
      const refused = await verify(compiled, { ...delivery, headers })
      expect(refused).toMatchObject({ ok: false, reason: 'signature_missing' })
    }
  })

  it('refuses signatures of other lengths and of other letters', async () => {
    const delivery = await sample.send(sending)
    const changes: ((signature: string) => string)[] = [
      (signature) => signature.slice(0, -4),
      (signature) => signature.slice(0, 8),
      (signature) => `${signature}00`,
      (signature) => signature + signature,
      (signature) => signature.slice(0, 4).concat(/^.{4}a/i.test(signature) ? 'B' : 'A', signature.slice(5)),
      () => 'x',
      () => '💥',
      () => '='.repeat(64),
      () => 'A'.repeat(100_000),
    ]
    for (const change of changes) {
      const refused = await verify(compiled, sample.withSignature(delivery, change))
      expect(refused, change.toString()).toMatchObject({ ok: false })
    }
  })

  it('says of a signature without its prefix, or in another form, that it is invalid: it is not missing', async () => {
    const delivery = await sample.send(sending)
    const other = sample.withSignature(delivery, () => 'x')
    const carriers = Object.keys(delivery.headers).filter(
      (key) => other.headers[key] !== delivery.headers[key],
    )
    const odd = carriers.flatMap((key) => {
      const value = delivery.headers[key] ?? ''
      const bare = value.slice(value.search(/[=, ]/) + 1)
      return ['nonsense', ...(bare === value || bare === '' ? [] : [bare])].map((text) => ({
        ...delivery,
        headers: { ...delivery.headers, [key]: text },
      }))
    })
    for (const one of [other, ...odd]) {
      const refused = await verify(compiled, one)
      if (!refused.ok) expect(refused.reason).not.toBe('signature_missing')
    }
    const nonsense = odd[0] && (await verify(compiled, odd[0]))
    if (nonsense) expect(nonsense).toMatchObject({ ok: false, reason: 'signature_invalid' })
  })

  it('accepts both secrets while they are rotated', async () => {
    const old = await sample.send(sending)
    const next = await sample.send({ ...sending, secret: second })
    for (const both of [compile(name, [first, second]), compile(name, [second, first])]) {
      expect(await verify(both, old)).toMatchObject({ ok: true })
      expect(await verify(both, next)).toMatchObject({ ok: true })
    }
    if (!sample.withBoth) return
    const signedTwice = sample.withBoth(old, next)
    expect(await verify(compiled, signedTwice)).toMatchObject({ ok: true })
    expect(await verify(compile(name, [second]), signedTwice)).toMatchObject({ ok: true })
  })

  it('says what failed, and nothing that helps a forger', async () => {
    const delivery = await sample.send(sending)
    const stale = await sample.send({ ...sending, at: ageBy(100_000) })
    const refusals = [
      await verify(compile(name, [second]), delivery),
      await verify(
        compiled,
        sample.withSignature(delivery, (signature) => signature.slice(0, -2)),
      ),
      await verify(compiled, stale),
    ]
    const secrets: string[] = [...sample.secrets]
    for (const one of [delivery, stale, await sample.send({ ...sending, secret: second })]) {
      sample.withSignature(one, (signature) => {
        secrets.push(signature)
        return signature
      })
    }
    for (const refusal of refusals) {
      if (refusal.ok) continue
      const told = JSON.stringify(refusal)
      expect(refusal.expected.length).toBeGreaterThan(10)
      expect(refusal.received.length).toBeGreaterThan(1)
      for (const secret of secrets) {
        if (source.scheme.kind === 'hmac' || source.scheme.kind === 'shared secret')
          expect(told).not.toContain(secret)
      }
    }
    expect(refusals.some(({ ok }) => !ok)).toBe(true)
  })

  it('refuses everything while it has no secret, or checks nothing where it needs none', async () => {
    const bare = compile(name, [])
    if (bare.verify === undefined) {
      expect(source.fields[0].required).toBe(false)
      return
    }
    expect(await verify(bare, await sample.send(sending))).toMatchObject({
      ok: false,
      reason: 'secret_missing',
    })
  })

  it('finds event, id and object', async () => {
    const { headers, body } = await sample.send(sending)
    const { event, eventId, object, part } = sample.expected
    const payload = payloadOf(headers, body)
    expect(compiled.describe(headers, payload)).toEqual({ event, eventId, object, part })
    expect(compiled.describe({}, null)).toEqual({})
  })

  it('keeps no header that holds a signature or a secret', async () => {
    const delivery = await sample.send(sending)
    const otherwise = sample.withSignature(delivery, () => 'x')
    for (const kept of compiled.keptHeaders) {
      expect(kept).not.toMatch(/signature$|authorization|secret|hmac|cookie/)
      expect(otherwise.headers[kept], kept).toBe(delivery.headers[kept])
      for (const secret of sample.secrets) expect(delivery.headers[kept] ?? '').not.toContain(secret)
    }
  })

  it('names only this sender', async () => {
    const { headers, body } = await sample.send(sending)
    const payload = payloadOf(headers, body)
    const others = SOURCE_NAMES.filter((other) => SOURCES[other].recognise(headers, payload))
    expect(others).toEqual(name === 'generic' || name === 'hmac' ? [] : [name])
  })

  it('has what its page and its form need', () => {
    expect(source.name).toBe(name)
    expect(source.setup.join(' ')).toContain('{url}')
    expect(source.fields[0].name).toBe('secrets')
    for (const secret of sample.secrets) expect(source.fields[0].check?.(secret)).toBeUndefined()
  })
})

describe.each(SOURCE_NAMES.filter((name) => SAMPLES[name].handshakes))('the handshake of %s', (name) => {
  const sample = SAMPLES[name]
  const [first, second] = sample.secrets
  const handshakes = sample.handshakes ?? []

  async function play(source: CompiledSource, delivery: Delivery) {
    const request = arriving(delivery)
    const early = await source.answerUnsigned?.(request)
    if (early) return early
    const verification = await source.verify?.(request)
    if (verification?.ok === false) return verification
    return source.answerSigned?.(request)
  }

  it('is answered', async () => {
    for (const { send, answer } of handshakes) {
      const sending: Sending = { secret: first, at: NOW, url: BASE }
      const given = await play(compile(name, [first]), await send(sending))
      const { status, body, json, headers = {} } = answer(sending)
      expect(given).toMatchObject({ status, headers: { 'x-content-type-options': 'nosniff', ...headers } })
      const text = given && 'body' in given ? given.body : ''
      if (body !== undefined) expect(text).toBe(body)
      if (json !== undefined) expect(JSON.parse(text)).toEqual(json)
    }
  })

  it('is not answered to others, where the sender signs it', async () => {
    if (!SOURCES[name].handshakes?.every(({ signed }) => signed)) return
    for (const { send } of handshakes) {
      const delivery = await send({ secret: second, at: NOW, url: BASE })
      expect(await play(compile(name, [first]), delivery)).toMatchObject({ ok: false })
    }
  })

  it('is not taken for one by any other source', async () => {
    for (const { send } of handshakes) {
      const delivery = await send({ secret: first, at: NOW, url: BASE })
      for (const other of SOURCE_NAMES) {
        if (other === name || SAMPLES[other].handshakes?.some((one) => one.send === send)) continue
        const request = arriving(delivery)
        const source = compileSource({ source: other }, [], outboundOf(sample))
        expect(await source.answerUnsigned?.(request), other).toBeUndefined()
        expect(await source.answerSigned?.(request), other).toBeUndefined()
      }
    }
  })

  it('is not what an ordinary event is taken for', async () => {
    const delivery = await sample.send({ secret: first, at: NOW, url: BASE })
    expect(await play(compile(name, [first]), delivery)).toBeUndefined()
  })
})
