import { mac, post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'x-hub-signature'
const BODY = JSON.stringify({
  type: 'notification_event',
  app_id: 'a86dr8yl',
  topic: 'conversation.user.created',
  id: 'notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3',
  data: { type: 'notification_event_data', item: { type: 'conversation', id: '123' } },
})

export const intercom: Sample = {
  secrets: ['intercom client secret', 'next intercom client secret'],
  send: ({ secret, body = BODY }) => post({ [HEADER]: `sha1=${mac('sha1', secret, body)}` }, body),
  needs: [HEADER],
  withSignature: signatureIn(HEADER, 'sha1='),
  expected: {
    event: 'conversation.user.created',
    eventId: 'notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3',
    object: '123',
  },
}
