import { mac, signatureIn, type Sample } from './sample.ts'

const BODY = 'MessageSid=SM1f&From=%2B14158675309&Body=Hi+there&SmsStatus=received&To=%2B18005551212'

export const twilio: Sample = {
  secrets: ['12345', '67890'],
  send({ secret, url, body = BODY }) {
    const search = 'from=form&n=1'
    const fields = [...new URLSearchParams(body)].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const signed = `${url}?${search}${fields.flat().join('')}`
    return {
      method: 'POST',
      search,
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'i-twilio-idempotency-token': 'dbd4ad79-63f7',
        'x-twilio-signature': mac('sha1', secret, signed, 'base64'),
      },
      body,
    }
  },
  needs: ['x-twilio-signature'],
  withSignature: signatureIn('x-twilio-signature'),
  expected: { event: 'received', eventId: 'dbd4ad79-63f7', object: 'SM1f' },
}
