import { describe, expect, it } from 'vitest'
import { titleOf } from './title.ts'

describe('a title', () => {
  it.each([
    ['{"action":"opened","issue":{"id":7,"title":"It  crashes\\n on start"}}', 'It crashes on start'],
    ['{"text":"a chat message","user":{"title":"Dr."}}', 'Dr.'],
    ['{"description":"long","Subject":"Your order"}', 'Your order'],
    ['{"title":"","message":"Disk is full"}', 'Disk is full'],
    ['{"title":null,"text":"caf\\u00e9"}', 'café'],
    ['{"question":"It was cut in the mid', 'It was cut in the mid'],
    ['{"question":"It was cut in an escape \\u00e', 'It was cut in an escape'],
  ])('of %s', (json, title) => {
    expect(titleOf(json)).toBe(title)
  })

  it.each(['{}', '[1,2]', '{"titles":["a"],"id":7}', '"title"', '{"title":7}'])(
    'is missing in %s',
    (json) => {
      expect(titleOf(json)).toBeUndefined()
    },
  )

  it('is short, and never half a character', () => {
    expect(titleOf(JSON.stringify({ title: '👩‍🚀'.repeat(100) }))).toBe(`${'👩‍🚀'.repeat(23)}…`)
  })
})
