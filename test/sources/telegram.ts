import { post, signatureIn, type Sample } from './sample.ts'

const HEADER = 'x-telegram-bot-api-secret-token'
const BODY = JSON.stringify({
  update_id: 861_428_913,
  message: { message_id: 7, chat: { id: 1111, type: 'private' }, text: 'Hello', date: 1_760_000_000 },
})

export const telegram: Sample = {
  secrets: ['a_secret-token', 'the_next-token'],
  send: ({ secret, body = BODY }) => post({ [HEADER]: secret }, body),
  needs: [HEADER],
  withSignature: signatureIn(HEADER),
  expected: { event: 'message', eventId: '861428913', object: '1111' },
}
