import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitText } from './splitText.ts'

describe('splitText', () => {
  it('leaves a short text alone, and an empty one out', () => {
    expect(splitText('  short\n', { characters: 100, messages: 3 })).toEqual(['short'])
    expect(splitText(' \n', { characters: 100, messages: 3 })).toEqual([])
  })

  it('cuts between paragraphs, lines, sentences or words', () => {
    const paragraphs = `${'a '.repeat(40).trim()}\n\n${'b '.repeat(30).trim()}`
    expect(splitText(paragraphs, { characters: 100, messages: 3 })).toEqual(paragraphs.split('\n\n'))
    const sentences = `${'x'.repeat(60)}. ${'y'.repeat(60)}.`
    expect(splitText(sentences, { characters: 100, messages: 3 })).toEqual([
      `${'x'.repeat(60)}.`,
      `${'y'.repeat(60)}.`,
    ])
  })

  it('continues a code block that it has to cut', () => {
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`)
    const [first = '', second = ''] = splitText(`Look:\n\`\`\`js\n${lines.join('\n')}\n\`\`\`\nDone`, {
      characters: 120,
      messages: 9,
    })
    expect(first).toMatch(/^Look:\n```js\n[^`]*line \d+\n```$/)
    expect(second).toMatch(/^```js\nline \d+\n/)
  })

  it('says where the last message was cut', () => {
    const messages = splitText('word '.repeat(100), { characters: 50, messages: 2 })
    expect(messages).toHaveLength(2)
    expect(messages[1]?.endsWith('\n…')).toBe(true)
  })

  it('keeps escaped characters and pairs of surrogates in one piece', () => {
    const text = '&lt;'.repeat(100)
    expect(splitText(text, { characters: 51, messages: 99 }).every((one) => /^(?:&lt;)+$/.test(one))).toBe(
      true,
    )
    const faces = splitText('😀'.repeat(100), { characters: 51, messages: 99 })
    expect(faces.join('')).toBe('😀'.repeat(100))
    expect(faces.every((one) => one.isWellFormed())).toBe(true)
  })

  it('never exceeds its limits, and loses nothing but space', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom('\n\n', '\n', '. ', ' ', '```js\n', '\n```\n', '&amp;'),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.integer({ min: 100, max: 300 }),
        (pieces, characters) => {
          const text = pieces.join('')
          const messages = splitText(text, { characters, messages: 1_000 })
          expect(messages.every((one) => one.length <= characters)).toBe(true)
          const letters = (of: string): string => of.replaceAll(/\s|`|js/g, '')
          expect(letters(messages.join(''))).toBe(letters(text))
          expect(splitText(text, { characters, messages: 2 }).length).toBeLessThanOrEqual(2)
        },
      ),
    )
  })
})
