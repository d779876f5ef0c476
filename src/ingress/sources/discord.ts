import { isObject } from '../../contract/jsonObject.ts'
import { ed25519Key, publicKey } from '../schemes/publicKey.ts'
import { secretField } from './fields.ts'
import { answerEmpty, answerJson, smallJson } from './handshakes.ts'
import { field, firstOf } from './locator.ts'
import { hasHeader } from './recognise.ts'
import type { Source } from './source.ts'

function keyOf(secret: string) {
  return /^[0-9a-f]{64}$/i.test(secret) ? ed25519Key(Buffer.from(secret, 'hex')) : undefined
}

export const discord: Source = {
  name: 'discord',
  title: 'Discord',
  about: 'Webhook events and interactions of an application.',
  reference: 'https://docs.discord.com/developers/events/webhook-events',
  scheme: publicKey({
    header: 'X-Signature-Ed25519',
    algorithm: 'Ed25519',
    encoding: 'hex',
    signed: '{timestamp}{body}',
    timestampHeader: 'X-Signature-Timestamp',
    key: keyOf,
  }),
  fields: [
    secretField('Public key', 'General Information of the application in the Developer Portal.', {
      check: (secret) =>
        keyOf(secret) ? undefined : 'must be the public key of the application: 64 hexadecimal digits',
    }),
  ],
  event: firstOf(field('/event/type'), field('/data/name'), field('/data/custom_id')),
  eventId: field('/id'),
  object: firstOf(field('/message/id'), field('/channel_id'), field('/event/data/id')),
  handshakes: [
    {
      summary: 'Saving the interactions endpoint, Discord sends `"type": 1` and gets `{"type":1}` back',
      method: 'POST',
      signed: true,
      answer(request) {
        const json = smallJson(request, '"type"')
        return isObject(json) && json['type'] === 1 && !('event' in json)
          ? answerJson({ type: 1 })
          : undefined
      },
    },
    {
      summary: 'Saving the webhook events URL, Discord sends `"type": 0` and gets 204 back',
      method: 'POST',
      signed: true,
      answer(request) {
        const json = smallJson(request, '"type"')
        return isObject(json) && json['type'] === 0 && !('event' in json) ? answerEmpty() : undefined
      },
    },
  ],
  keptHeaders: ['X-Signature-Timestamp'],
  recognise: (headers) => hasHeader(headers, 'x-signature-ed25519'),
  setup: [
    'In the [Developer Portal](https://discord.com/developers/applications), open the application and copy its public key from **General Information**. Save it as the secret of the webhook.',
    'For events, open **Webhooks**, enter `{url}` as the endpoint, and choose the events. For slash commands, enter it as the **interactions endpoint URL**. Discord verifies the URL at once, also with requests that are signed wrongly on purpose, so the key must be saved before.',
  ],
}
