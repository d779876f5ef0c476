import { describe, expect, it } from 'vitest'
import { excerptOf } from './excerpt.ts'

const titleOf = (payload: unknown, event?: string): string =>
  excerptOf(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)), event).title

describe('a title of a payload without a text', () => {
  it.each([
    [
      'push · ref: refs/heads/main · repository: octo/bells · pusher: ada',
      {
        ref: 'refs/heads/main',
        before: '6113728f27ae82c7b1a177c8d03f9e96e0adf246',
        created: false,
        compare: 'https://github.com/octo/bells/compare/a...b',
        repository: { id: 186853002, full_name: 'octo/bells', private: true },
        pusher: { name: 'ada' },
      },
      'push',
    ],
    [
      'star.created · repository: octo/bells',
      { action: 'created', repository: { full_name: 'octo/bells' } },
      'star',
    ],
    ['issues.closed · number: 7', { action: 'closed', number: 7 }, 'issues.closed'],
    [
      'invoice.paid · customer: cus_9 · amount_due: 1200 · currency: eur',
      {
        id: 'evt_1',
        object: 'event',
        type: 'invoice.paid',
        created: 1_700_000_000,
        livemode: false,
        data: { object: { id: 'in_1', customer: 'cus_9', amount_due: 1200, currency: 'eur' } },
      },
      undefined,
    ],
    ['Nightly', {}, 'Nightly'],
    ['orderId: 7 · state: paid', { orderId: 7, state: 'paid' }, undefined],
    ['url: https://x.example/1', { url: 'https://x.example/1' }, undefined],
    ['n: 1', [{ n: 1 }, { n: 2 }], undefined],
    ['pass: …', { pass: 'aB3'.repeat(12) }, undefined],
    ['id: 0b5c4c8e-91ab-4a62-8d0e-2a3a1c7f0d11', { id: '0b5c4c8e-91ab-4a62-8d0e-2a3a1c7f0d11' }, undefined],
    ['1 · 2', [1, 2], undefined],
    ['a line of text', 'a\n line of text', undefined],
    ['Empty payload', {}, undefined],
    ['Empty payload', [], undefined],
    ['Empty payload', null, undefined],
  ])('is %s', (title, payload, event) => {
    expect(titleOf(JSON.stringify(payload), event)).toBe(title)
  })

  it('has no credentials', () => {
    const payload = {
      password: 'p1',
      client_secret: 'p2',
      authorization: 'p3',
      auth: { user: 'p4' },
      card: { cvc: 'p5' },
      api_key: 'p6',
      note_url: 'https://u:p7@x.example/',
      author: 'Ada',
    }
    expect(titleOf(payload)).toBe('author: Ada')
    for (const [name, value] of Object.entries(payload).slice(0, 7)) {
      expect(titleOf({ [name]: value })).not.toMatch(/p\d/)
      expect(titleOf(JSON.stringify({ [name]: value }, null, 2))).not.toMatch(/p\d/)
    }
  })

  it('is made from the beginning of a cut payload', () => {
    const json = JSON.stringify({ kind: 'order', count: 12, nested: { state: 'open "now"' }, more: 345 })
    for (let end = 0; end <= json.length; end += 1) {
      const title = titleOf(json.slice(0, end))
      const full = 'order · count: 12 · more: 345 · nested: open'
      expect(title).toMatch(/^(?:Empty payload|order(?: · (?:count: 12|more: 345|state: open "now")){0,3})$/)
      if (end === json.length) expect(title.split(' · ')).toHaveLength(full.split(' · ').length)
    }
  })

  it('is short, and cuts no character', () => {
    const long = titleOf({ a: '👩‍🚀'.repeat(40), b: 'words '.repeat(40), c: 'x y '.repeat(40), d: 1 })
    expect(long.length).toBeLessThanOrEqual(120)
    expect(long).toMatch(/^a: (?:👩‍🚀)+… · b: words [\w ]+… · c: [xy ]+…$/u)
  })
})
