import { describe, expect, it } from 'vitest'
import { expectLinear } from '../../../test/harness/linear.ts'
import { createThoughtSplitter, splitThoughts, type Part } from './thoughts.ts'

/** All that was told of a text in pieces of such a length. */
function inPieces(text: string, length: number): Part[] {
  const splitter = createThoughtSplitter()
  const parts: Part[] = []
  for (let at = 0; at < text.length; at += length) parts.push(...splitter.push(text.slice(at, at + length)))
  return [...parts, ...splitter.end()]
}

const told = (parts: Part[], type: Part['type']) =>
  parts.flatMap((part) => (part.type === type ? part.text : [])).join('')

describe('a text', () => {
  it.each([
    ['<think>Hm.</think>Yes.', 'Hm.', 'Yes.'],
    ['\n <think>Hm.</think>\n\nYes.\n', 'Hm.', 'Yes.\n'],
    ['<thinking>Hm </think> hm.</thinking> Yes.', 'Hm </think> hm.', 'Yes.'],
    ['<think>One.</think>\n<think>Two.</think>\nYes.', 'One.Two.', 'Yes.'],
    ['Wait.\n<think>Hm.</think>\nYes.', 'Hm.', 'Wait.Yes.'],
    ['<think>Not closed', 'Not closed', ''],
    ['Use <think> and </think> for it.', '', 'Use <think> and </think> for it.'],
    ['\n\nNo thought: a < b\n<thin', '', '\n\nNo thought: a < b\n<thin'],
    ['', '', ''],
  ])('%o', (text, thought, answer) => {
    for (const length of [1, 2, 3, 7, 100]) {
      const parts = inPieces(text, length)
      expect(told(parts, 'reasoning')).toBe(thought)
      expect(told(parts, 'text')).toBe(answer)
    }
    const whole = splitThoughts(text)
    expect([told(whole, 'reasoning'), told(whole, 'text')]).toEqual([thought, answer])
  })

  it('is given as it comes', () => {
    const { push } = createThoughtSplitter()
    expect(push('<thi')).toEqual([])
    expect(push('nk>Hm')).toEqual([{ type: 'reasoning', text: 'Hm' }])
    expect(push('.</thi')).toEqual([{ type: 'reasoning', text: '.' }])
    expect(push('nk>\nYes')).toEqual([{ type: 'text', text: 'Yes' }])
    expect(push(' <b')).toEqual([{ type: 'text', text: ' <b' }])
  })

  it('as a whole may begin within a thought', () => {
    expect(splitThoughts('Hm.\n</think>\n\nYes.')).toEqual([
      { type: 'reasoning', text: 'Hm.\n' },
      { type: 'text', text: 'Yes.' },
    ])
    const about = 'Close it with </think> and go on.'
    expect(splitThoughts(about)).toEqual([{ type: 'text', text: about }])
  })
})

it.each([
  ['spaces', ' '],
  ['lines', '\n'],
  ['tags', '<think></think>\n'],
  ['the start of a tag', '\n<thi'],
  ['the start of an end', '<think></thin'],
])('take time in proportion to the length of a text: %s', async (_, part) => {
  const textOf = (length: number) => '\n' + part.repeat(Math.ceil(length / part.length))
  await expectLinear(textOf, (text) => inPieces(text, 1))
  await expectLinear(textOf, splitThoughts)
})
