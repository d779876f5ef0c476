import { post, type Sample } from './sample.ts'

const MARK = 'clientState'

export const microsoftGraph: Sample = {
  secrets: ['a client state of ours', 'the next client state'],
  send({ secret, body }) {
    const notification = {
      id: 'lsgTZMr9KwAAA',
      subscriptionId: '76222963-cc7b-42d2-882d-8aaa69cb2ba3',
      changeType: 'created',
      resource: 'Users/1/Messages/2',
      [MARK]: secret,
    }
    return post({}, body ?? JSON.stringify({ value: [notification] }))
  },
  needs: [],
  withSignature: (delivery, change) => ({
    ...delivery,
    body: delivery.body.replace(
      /("clientState":")([^"]*)/,
      (_, before: string, state: string) => before + change(state),
    ),
  }),
  expected: { event: 'created', eventId: 'lsgTZMr9KwAAA', object: 'Users/1/Messages/2' },
  handshakes: [
    {
      send: () => ({
        method: 'POST',
        search: 'validationToken=Validation%3A+Testing+client+%3Cb%3E',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: '',
      }),
      answer: () => ({
        status: 200,
        body: 'Validation: Testing client <b>',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
      }),
    },
  ],
}
