import { sign } from 'node:crypto'
import { selfSigned } from './certificate.ts'
import type { Delivery, Sample, Sending } from './sample.ts'

const CERTIFICATE_URL =
  'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a86cb10b4e1f29c941702d737128f7b6.pem'
const SUBSCRIBE_URL =
  'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:123456789012:alarms&Token=2336'

const { pem, privateKey } = selfSigned({ from: new Date('2026-01-01'), to: new Date('2027-01-01') })

/** Signs a message as AWS describes it: each of its fields, in alphabetical order, on separate lines. */
function deliver(message: Record<string, string>): Delivery {
  const names = ['Message', 'MessageId', 'SubscribeURL', 'Subject', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const signed = names
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name}\n${message[name]}\n`)
    .join('')
  const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64')
  return {
    method: 'POST',
    search: '',
    headers: {
      'content-type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': message['Type'] ?? '',
      'x-amz-sns-message-id': message['MessageId'] ?? '',
    },
    body: JSON.stringify({
      ...message,
      SignatureVersion: '2',
      Signature: signature,
      SigningCertURL: CERTIFICATE_URL,
    }),
  }
}

function common({ secret, at }: Sending): Record<string, string> {
  return {
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: secret,
    Timestamp: at.toISOString(),
  }
}

export const awsSns: Sample = {
  secrets: ['arn:aws:sns:eu-west-1:123456789012:alarms', 'arn:aws:sns:eu-west-1:123456789012:backups'],
  send: (sending) =>
    deliver({
      ...common(sending),
      Type: 'Notification',
      Subject: 'ALARM: "Errors" in Frankfurt',
      Message: '{"AlarmName":"Errors","NewStateValue":"ALARM"}',
    }),
  needs: [],
  signsFields: true,
  withSignature(delivery, change) {
    const message = JSON.parse(delivery.body) as Record<string, string>
    return {
      ...delivery,
      body: JSON.stringify({ ...message, Signature: change(message['Signature'] ?? '') }),
    }
  },
  expected: {
    event: 'ALARM: "Errors" in Frankfurt',
    eventId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    object: 'arn:aws:sns:eu-west-1:123456789012:alarms',
  },
  handshakes: [
    {
      send: (sending) =>
        deliver({
          ...common(sending),
          Type: 'SubscriptionConfirmation',
          Message: 'You have chosen to subscribe to the topic.',
          Token: '2336',
          SubscribeURL: SUBSCRIBE_URL,
        }),
      answer: () => ({ status: 200, body: 'confirmed' }),
    },
  ],
  documents: (url) => ({ [CERTIFICATE_URL]: pem, [SUBSCRIBE_URL]: '<ConfirmSubscriptionResponse/>' })[url],
}
