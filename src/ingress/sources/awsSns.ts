import { isObject, type JsonObject } from '../../contract/jsonObject.ts'
import { bodyJson } from '../schemes/bodyJson.ts'
import { checkCertificateSignature } from '../schemes/certificate.ts'
import { equalTexts } from '../schemes/constantTime.ts'
import { failure, VERIFIED, type Outbound, type Scheme, type SignedRequest } from '../schemes/scheme.ts'
import { secretField } from './fields.ts'
import { answerText } from './handshakes.ts'
import { field, firstOf, header } from './locator.ts'
import { hasFields, hasHeader } from './recognise.ts'
import type { HandshakeAnswer, Source } from './source.ts'

const ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$/
const HOST = /^sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/
const CONFIRM_WITHIN_MS = 5_000

/** The fields that are signed, in this order, for messages and for the confirmations of subscriptions. */
const SIGNED_FIELDS = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
}

const expected = 'a message of Amazon SNS, signed by AWS, for a topic of this webhook'

const scheme: Scheme = {
  kind: 'certificate',
  summary:
    'an RSA signature over the fields of the message, in its field `Signature`, by the certificate that `SigningCertURL` names on a host of AWS; and the topic',
  async verify(request, secrets, outbound) {
    const message = readMessage(request)
    const type = message?.['Type']
    if (!message || !isType(type)) {
      return failure(
        'signature_missing',
        expected,
        'a body that is not a message of SNS; raw delivery is not signed',
      )
    }
    const { Signature, SigningCertURL, SignatureVersion, TopicArn } = message
    if (typeof Signature !== 'string' || typeof SigningCertURL !== 'string' || typeof TopicArn !== 'string') {
      return failure('signature_missing', expected, 'a message without Signature, SigningCertURL or TopicArn')
    }
    if (SignatureVersion !== '1' && SignatureVersion !== '2') {
      return failure('signature_invalid', expected, 'a SignatureVersion other than 1 and 2')
    }
    if (secrets.length === 0) return failure('secret_missing', expected, 'no ARN of a topic is configured')
    // AWS signs for everybody who has a topic. Checked first, so that a stranger makes us fetch nothing.
    if (!secrets.some((secret) => equalTexts(secret, TopicArn))) {
      return failure('sender_unknown', expected, 'a message of another topic')
    }
    const refused = await checkCertificateSignature(
      {
        url: SigningCertURL,
        isProviders: ({ hostname, pathname }) =>
          HOST.test(hostname) && /^\/SimpleNotificationService-[A-Za-z0-9]+\.pem$/.test(pathname),
        hash: SignatureVersion === '1' ? 'sha1' : 'sha256',
        message: signedText(message, type),
        signature: Signature,
        now: request.now,
        expected,
      },
      outbound,
    )
    return refused ?? VERIFIED
  },
}

export const awsSns: Source = {
  name: 'aws_sns',
  title: 'Amazon SNS',
  about: 'Messages of a topic: alarms of CloudWatch, events of S3, and what you publish yourself.',
  reference: 'https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html',
  scheme,
  fields: [
    secretField('ARN of the topic', 'Shown on the page of the topic; several ARNs allow several topics.', {
      check: (secret) =>
        ARN.test(secret)
          ? undefined
          : 'must be the ARN of the topic, such as arn:aws:sns:eu-west-1:123456789012:alarms',
    }),
  ],
  event: firstOf(field('/Subject'), field('/Type')),
  eventId: firstOf(header('X-Amz-Sns-Message-Id'), field('/MessageId')),
  object: field('/TopicArn'),
  handshakes: [
    {
      summary:
        'On subscribing, SNS sends a `SubscriptionConfirmation`; after its signature is checked, Bellwire fetches its `SubscribeURL`, on a host of AWS only',
      method: 'POST',
      signed: true,
      answer(request, _secrets, outbound) {
        if (!request.rawBody.includes('Confirmation"')) return undefined
        const message = readMessage(request)
        if (message?.['Type'] === 'SubscriptionConfirmation')
          return confirm(message['SubscribeURL'], outbound)
        return message?.['Type'] === 'UnsubscribeConfirmation' ? answerText('noted') : undefined
      },
    },
  ],
  unpack,
  keptHeaders: [
    'X-Amz-Sns-Message-Id',
    'X-Amz-Sns-Message-Type',
    'X-Amz-Sns-Topic-Arn',
    'X-Amz-Sns-Subscription-Arn',
  ],
  recognise: (headers, payload) =>
    hasHeader(headers, 'x-amz-sns-message-type') || hasFields(payload, 'TopicArn', 'SigningCertURL'),
  setup: [
    'Save the ARN of the topic as the secret of the webhook: AWS signs for every topic in the world, so the ARN says whose messages count.',
    'In the Amazon SNS console, create a subscription of the topic with the protocol **HTTPS** and the endpoint `{url}`. Leave **raw message delivery** off: raw messages are not signed. Bellwire confirms the subscription by itself.',
    'A `Message` that is JSON reaches the agent as JSON.',
  ],
}

function readMessage({ rawBody }: SignedRequest): JsonObject | undefined {
  const body = bodyJson(rawBody)
  return isObject(body) ? body : undefined
}

function isType(type: unknown): type is keyof typeof SIGNED_FIELDS {
  return typeof type === 'string' && Object.hasOwn(SIGNED_FIELDS, type)
}

function signedText(message: JsonObject, type: keyof typeof SIGNED_FIELDS): string {
  return SIGNED_FIELDS[type]
    .filter((name) => typeof message[name] === 'string')
    .map((name) => `${name}\n${String(message[name])}\n`)
    .join('')
}

async function confirm(url: unknown, outbound: Outbound): Promise<HandshakeAnswer> {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== 'https:' || parsed.port !== '' || !HOST.test(parsed.hostname)) {
    const refused = failure('signature_invalid', expected, 'a SubscribeURL that does not belong to AWS')
    return { ...answerText('The SubscribeURL is not one of AWS.', 400), refused }
  }
  try {
    const response = await outbound.fetch(parsed.href, { signal: AbortSignal.timeout(CONFIRM_WITHIN_MS) })
    await response.body?.cancel()
    if (response.ok) return answerText('confirmed')
  } catch {
    // SNS sends the confirmation again.
  }
  return answerText('AWS could not be reached to confirm the subscription.', 503)
}

/** What is signed, and the attributes, which AWS does not sign; whatever else somebody added is left out. */
function unpack(payload: unknown): unknown {
  if (!isObject(payload)) return payload
  const names = [...SIGNED_FIELDS.Notification, 'MessageAttributes']
  const kept = Object.fromEntries(Object.entries(payload).filter(([name]) => names.includes(name)))
  return { ...kept, Message: parseJson(payload['Message']) }
}

function parseJson(message: unknown): unknown {
  if (typeof message !== 'string' || !/^\s*[{[]/.test(message)) return message
  try {
    return JSON.parse(message)
  } catch {
    return message
  }
}
