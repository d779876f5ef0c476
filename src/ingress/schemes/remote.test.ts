import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKeyPairSync, sign } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../../test/sources/certificate.ts'
import { SAMPLES } from '../../../test/sources/samples.ts'
import { compileSource } from '../sources/compile.ts'
import type { Outbound, SignedRequest } from './scheme.ts'

const NOW = new Date('2026-11-01T12:00:00Z')
const URL_BASE = 'https://bellwire.example/api/webhooks/agents/tZ7XcQ'

/** Plays the hosts of the providers: what the path of a URL leads to. */
const documents = new Map<string, string>()
let asked: string[] = []
let isDown = false
const server = createServer((request, response) => {
  asked.push(request.url ?? '')
  const text = documents.get(request.url ?? '')
  if (isDown) response.destroy()
  else response.writeHead(text === undefined ? 404 : 200).end(text)
})
let outbound: Outbound

beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())))
beforeEach(() => {
  asked = []
  isDown = false
  documents.clear()
  const { port } = server.address() as AddressInfo
  // Each test begins with nothing cached: caches belong to the outbound.
  outbound = {
    fetch: (url, init) => {
      const { pathname, search } = new URL(url)
      return fetch(`http://127.0.0.1:${port}${pathname}${search}`, init)
    },
  }
})

type Sent = { headers: Record<string, string>; body: string; search?: string; method?: string }

function arriving({ headers, body, search = '', method = 'POST' }: Sent): SignedRequest {
  return {
    method,
    url: search === '' ? URL_BASE : `${URL_BASE}?${search}`,
    headers,
    query: {},
    rawBody: Buffer.from(body),
    now: NOW,
  }
}

async function verify(source: string, secrets: string[], sent: Sent) {
  return compileSource({ source }, secrets, outbound).verify?.(arriving(sent))
}

describe('a certificate that a sender names', () => {
  const [arn] = SAMPLES.aws_sns.secrets
  const send = async (change: (message: Record<string, string>) => object = (message) => message) => {
    const delivery = await SAMPLES.aws_sns.send({ secret: arn, at: NOW, url: URL_BASE })
    return { ...delivery, body: JSON.stringify(change(JSON.parse(delivery.body) as Record<string, string>)) }
  }
  const publish = async () => {
    const { body } = await send()
    const { SigningCertURL = '' } = JSON.parse(body) as Record<string, string>
    documents.set(new URL(SigningCertURL).pathname, (await SAMPLES.aws_sns.documents?.(SigningCertURL)) ?? '')
  }

  it('is fetched once', async () => {
    await publish()
    const sent = await send()
    const all = await Promise.all([1, 2, 3].map(() => verify('aws_sns', [arn], sent)))
    expect(all).toEqual([1, 2, 3].map(() => ({ ok: true, verified: true })))
    expect(await verify('aws_sns', [arn], sent)).toMatchObject({ ok: true })
    expect(asked).toHaveLength(1)
  })

  it.each([
    'https://evil.example/SimpleNotificationService-1.pem',
    'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem',
    'https://s3.amazonaws.com/SimpleNotificationService-1.pem',
    'https://bucket.sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
    'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
    'https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-1.pem',
    'https://user@sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem',
    'https://sns.eu-west-1.amazonaws.com/other/SimpleNotificationService-1.pem',
    'https://sns.eu-west-1.amazonaws.com/?Action=Publish',
    'not a URL',
  ])('is not fetched from %s', async (SigningCertURL) => {
    const refused = await verify('aws_sns', [arn], await send((message) => ({ ...message, SigningCertURL })))
    expect(refused).toMatchObject({ ok: false, reason: 'signature_invalid' })
    expect(asked).toEqual([])
  })

  it('is not fetched for a message of a topic that nobody named', async () => {
    const refused = await verify('aws_sns', ['arn:aws:sns:eu-west-1:999999999999:other'], await send())
    expect(refused).toMatchObject({ ok: false, reason: 'sender_unknown' })
    expect(asked).toEqual([])
  })

  it('that cannot be fetched is no reason to call the signature invalid', async () => {
    isDown = true
    expect(await verify('aws_sns', [arn], await send())).toMatchObject({ reason: 'keys_unavailable' })
  })

  it('that is not there, is expired or is no certificate verifies nothing', async () => {
    expect(await verify('aws_sns', [arn], await send())).toMatchObject({ reason: 'signature_invalid' })
    for (const [text, reason] of [
      [selfSigned({ from: new Date('2025-01-01'), to: new Date('2026-01-01') }).pem, 'signature_invalid'],
      [selfSigned({ from: new Date('2026-01-01'), to: new Date('2027-01-01') }).pem, 'signature_invalid'],
      ['<html>', 'keys_unavailable'],
    ] as const) {
      const path = '/SimpleNotificationService-2.pem'
      documents.set(path, text)
      outbound = { ...outbound }
      const sent = await send((message) => ({
        ...message,
        SigningCertURL: `https://sns.eu-west-1.amazonaws.com${path}`,
      }))
      expect(await verify('aws_sns', [arn], sent)).toMatchObject({ ok: false, reason })
    }
  })

  it('of the signature version 1 is used with SHA-1', async () => {
    const { pem, privateKey } = selfSigned({ from: new Date('2026-01-01'), to: new Date('2027-01-01') })
    documents.set('/SimpleNotificationService-3.pem', pem)
    const fields = {
      Message: 'Hi',
      MessageId: 'm',
      Timestamp: NOW.toISOString(),
      TopicArn: arn,
      Type: 'Notification',
    }
    const text = Object.entries(fields)
      .map(([name, value]) => `${name}\n${value}\n`)
      .join('')
    const body = JSON.stringify({
      ...fields,
      SignatureVersion: '1',
      Signature: sign('sha1', Buffer.from(text), privateKey).toString('base64'),
      SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-3.pem',
    })
    expect(await verify('aws_sns', [arn], { headers: {}, body })).toEqual({ ok: true, verified: true })
  })

  it('confirms a subscription on a host of AWS alone', async () => {
    await publish()
    const [handshake] = SAMPLES.aws_sns.handshakes ?? []
    const delivery = await handshake?.send({ secret: arn, at: NOW, url: URL_BASE })
    if (!delivery) throw new Error('the sample has no handshake')
    const { answerSigned } = compileSource({ source: 'aws_sns' }, [arn], outbound)
    const request = arriving(delivery)
    expect(await answerSigned?.(request)).toMatchObject({ status: 503 })
    const { SubscribeURL = '' } = JSON.parse(delivery.body) as Record<string, string>
    const { pathname, search } = new URL(SubscribeURL)
    documents.set(pathname + search, '<ok/>')
    expect(await answerSigned?.(request)).toMatchObject({ status: 200, body: 'confirmed' })

    asked = []
    const elsewhere = delivery.body.replace(SubscribeURL, 'https://evil.example/?Action=ConfirmSubscription')
    const answer = await answerSigned?.({ ...request, rawBody: Buffer.from(elsewhere) })
    expect(answer).toMatchObject({ status: 400, refused: { reason: 'signature_invalid' } })
    expect(asked).toEqual([])
  })

  it('of PayPal is not fetched from anywhere else', async () => {
    const [webhookId] = SAMPLES.paypal.secrets
    const delivery = await SAMPLES.paypal.send({ secret: webhookId, at: NOW, url: URL_BASE })
    for (const url of [
      'https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1',
      'https://api.paypal.com/v1/x',
    ]) {
      const headers = { ...delivery.headers, 'paypal-cert-url': url }
      expect(await verify('paypal', [webhookId], { ...delivery, headers })).toMatchObject({
        reason: 'signature_invalid',
      })
    }
    expect(asked).toEqual([])
  })
})

describe('a token of a provider', () => {
  const account = 'push@octo.iam.gserviceaccount.com'
  type Claims = {
    email?: string
    email_verified?: boolean
    aud?: string
    iss?: string
    exp?: number
    kid?: string
  }
  let privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']

  beforeEach(async () => {
    const pair = await generateKeyPair('RS256')
    privateKey = pair.privateKey
    const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] }
    documents.set('/oauth2/v3/certs', JSON.stringify(keys))
    documents.set('/common/discovery/v2.0/keys', JSON.stringify(keys))
  })

  const token = ({ kid = 'k1', ...claims }: Claims & Record<string, unknown>) => {
    const all = {
      email: account,
      email_verified: true,
      aud: URL_BASE,
      iss: 'https://accounts.google.com',
      exp: NOW.getTime() / 1000 + 3600,
      ...claims,
    }
    return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey)
  }
  const check = async (claims: Claims, secrets = [account]) =>
    verify('google_pubsub', secrets, {
      headers: { authorization: `Bearer ${await token(claims)}` },
      body: '{}',
    })

  it('is verified with keys that are fetched once', async () => {
    expect(await check({})).toEqual({ ok: true, verified: true })
    expect(await check({})).toMatchObject({ ok: true })
    expect(await check({ aud: 'https://octo.example' }, [account, 'https://octo.example'])).toMatchObject({
      ok: true,
    })
    expect(asked).toHaveLength(1)
  })

  it.each<[string, Claims, string]>([
    ['another account', { email: 'push@evil.iam.gserviceaccount.com' }, 'sender_unknown'],
    ['an email that is not verified', { email_verified: false }, 'sender_unknown'],
    ['another audience', { aud: 'https://evil.example' }, 'sender_unknown'],
    ['another issuer', { iss: 'https://evil.example' }, 'sender_unknown'],
    ['the past', { exp: NOW.getTime() / 1000 - 120 }, 'timestamp_expired'],
    ['another key', { kid: 'k2' }, 'signature_invalid'],
  ])('of %s is refused', async (_, claims, reason) => {
    expect(await check(claims)).toMatchObject({ ok: false, reason })
  })

  it('without a signature, or with a public key as secret, is refused', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = part({ email: account, email_verified: true, aud: URL_BASE, exp: 4e9 })
    for (const authorization of [
      `Bearer ${part({ alg: 'none' })}.${claims}.`,
      `Bearer ${part({ alg: 'HS256', kid: 'k1' })}.${claims}.AAAA`,
      'Bearer nonsense',
    ]) {
      expect(
        await verify('google_pubsub', [account], { headers: { authorization }, body: '{}' }),
      ).toMatchObject({
        ok: false,
        reason: 'signature_invalid',
      })
    }
  })

  it('whose keys cannot be fetched is no reason to call the signature invalid', async () => {
    isDown = true
    expect(await check({})).toMatchObject({ reason: 'keys_unavailable' })
    documents.delete('/oauth2/v3/certs')
    isDown = false
    expect(await check({})).toMatchObject({ reason: 'keys_unavailable' })
  })

  it('of Microsoft Graph is checked beside the client state', async () => {
    const app = '8e460676-ae3f-4b1e-8790-ee0fb5d6ebf5'
    const claims = {
      aud: app,
      iss: 'https://login.microsoftonline.com/84bd8158-6d4d-4958-8b9f-9d6445542f95/v2.0',
      azp: '0bf30f3b-4a52-48df-9a82-234910c4a086',
    }
    const send = async (change: object, state = 's') => ({
      headers: {},
      body: JSON.stringify({
        value: [{ clientState: state }],
        validationTokens: [await token({ ...claims, ...change })],
      }),
    })
    const secrets = ['s', `app:${app}`]
    expect(await verify('microsoft_graph', secrets, await send({}))).toEqual({ ok: true, verified: true })
    expect(await verify('microsoft_graph', [`app:${app}`], await send({}))).toMatchObject({ ok: true })
    for (const change of [
      { azp: '00000000-0000-0000-0000-000000000000' },
      { iss: 'https://login.evil.example/84bd8158-6d4d-4958-8b9f-9d6445542f95/v2.0' },
      { aud: 'another' },
    ]) {
      expect(await verify('microsoft_graph', secrets, await send(change))).toMatchObject({
        reason: 'sender_unknown',
      })
    }
    expect(await verify('microsoft_graph', secrets, await send({}, 'other'))).toMatchObject({
      reason: 'signature_invalid',
    })
    const bare = { headers: {}, body: '{"value":[{"clientState":"s"}]}' }
    expect(await verify('microsoft_graph', [`app:${app}`], bare)).toMatchObject({
      reason: 'signature_missing',
    })
    const mixed = { headers: {}, body: '{"value":[{"clientState":"s"},{"clientState":"t"}]}' }
    expect(await verify('microsoft_graph', ['s'], mixed)).toMatchObject({ reason: 'signature_missing' })
  })
})

it('a public key of the Standard Webhooks specification verifies beside secrets', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = `whpk_${publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')}`
  const time = String(NOW.getTime() / 1000)
  const signature = sign(null, Buffer.from(`msg_1.${time}.{}`), privateKey).toString('base64')
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': time,
    'webhook-signature': `v1a,${signature}`,
  }
  for (const secrets of [[key], ['whsec_QWxzbyAyNCBieXRlcyBvZiBhIGtleSE=', key]]) {
    expect(await verify('standard_webhooks', secrets, { headers, body: '{}' })).toEqual({
      ok: true,
      verified: true,
    })
    expect(await verify('standard_webhooks', secrets, { headers, body: '{ }' })).toMatchObject({ ok: false })
  }
})

it('GitLab is verified by its signing token as well', async () => {
  const { headers, body } = await SAMPLES.standard_webhooks.send({
    secret: 'whsec_QWxzbyAyNCBieXRlcyBvZiBhIGtleSE=',
    at: NOW,
    url: URL_BASE,
  })
  expect(await verify('gitlab', ['whsec_QWxzbyAyNCBieXRlcyBvZiBhIGtleSE='], { headers, body })).toMatchObject(
    { ok: true },
  )
  expect(
    await verify('gitlab', ['whsec_QWxzbyAyNCBieXRlcyBvZiBhIGtleSE='], { headers, body: '{}' }),
  ).toMatchObject({
    ok: false,
    reason: 'signature_invalid',
  })
})
