import { expect, it } from 'vitest'
import { compileSource } from '../sources/compile.ts'
import type { SignedRequest } from './scheme.ts'

const outbound = { fetch: () => Promise.reject(new Error('not expected to fetch anything')) }

/** Signed requests that the providers publish, and one of RFC 4231. */
const VECTORS: {
  source: string
  secret: string
  headers: Record<string, string>
  body: string
  url?: string
  seconds?: number
  hmac?: Parameters<typeof compileSource>[0]['hmac']
}[] = [
  {
    source: 'standard_webhooks',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    body: '{"test": 2432232314}',
    seconds: 1614265330,
  },
  {
    source: 'github',
    secret: "It's a Secret to Everybody",
    headers: {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
    body: 'Hello, World!',
  },
  {
    source: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    seconds: 1531420618,
  },
  {
    source: 'twilio',
    secret: '12345',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
    },
    url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
    body: 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212',
  },
  {
    source: 'sendgrid',
    secret:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
    headers: {
      'x-twilio-email-event-webhook-timestamp': '1600112502',
      'x-twilio-email-event-webhook-signature':
        'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
    },
    body: `${JSON.stringify([
      {
        email: 'hello@world.com',
        event: 'dropped',
        reason: 'Bounced Address',
        sg_event_id: 'ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA',
        sg_message_id: 'LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0',
        'smtp-id': '<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>',
        timestamp: 1600112492,
      },
    ])}\r\n`,
  },
  {
    source: 'hmac',
    secret: 'Jefe',
    headers: {
      'x-signature': '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    },
    body: 'what do ya want for nothing?',
    hmac: { header: 'X-Signature', algorithm: 'sha256', encoding: 'hex', signed: '{body}' },
  },
]

it.each(VECTORS)('$source verifies what its provider publishes', async (vector) => {
  const { source, secret, headers, body, url = 'https://bellwire.example/', seconds = 0, hmac } = vector
  const request: SignedRequest = {
    method: 'POST',
    url,
    headers,
    query: {},
    rawBody: Buffer.from(body),
    now: new Date(seconds * 1000),
  }
  const { verify } = compileSource({ source, hmac }, [secret], outbound)
  expect(await verify?.(request)).toEqual({ ok: true, verified: true })
  expect(await verify?.({ ...request, rawBody: Buffer.from(`${body}!`) })).toMatchObject({
    ok: false,
    reason: 'signature_invalid',
  })
})
