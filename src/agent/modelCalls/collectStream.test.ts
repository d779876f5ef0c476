import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { describe, expect, it } from 'vitest'
import { collectStream, StreamError } from './collectStream.ts'
import type { Piece } from '../runInput.ts'

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}
const finish: LanguageModelV4StreamPart = {
  type: 'finish',
  usage,
  finishReason: { unified: 'stop', raw: 'stop' },
}

function collect(parts: LanguageModelV4StreamPart[], pieces: Piece[] = []) {
  return collectStream({ stream: ReadableStream.from(parts) }, (piece) => pieces.push(piece))
}

describe('a stream', () => {
  it('becomes the answer that it spells', async () => {
    const pieces: Piece[] = []
    const answer = await collect(
      [
        { type: 'stream-start', warnings: [] },
        { type: 'response-metadata', id: 'r', timestamp: new Date(1) },
        { type: 'reasoning-start', id: '0' },
        { type: 'reasoning-delta', id: '0', delta: 'Hm.' },
        { type: 'reasoning-end', id: '0', providerMetadata: { some: { signature: 'abc' } } },
        { type: 'text-start', id: '0' },
        { type: 'text-start', id: '1' },
        { type: 'text-delta', id: '1', delta: 'B' },
        { type: 'text-delta', id: '0', delta: 'A' },
        { type: 'text-delta', id: '0', delta: 'a' },
        { type: 'text-end', id: '0' },
        { type: 'text-end', id: '1' },
        { type: 'text-start', id: '0' },
        { type: 'text-end', id: '0' },
        { type: 'tool-input-start', id: 'c', toolName: 't' },
        { type: 'tool-input-delta', id: 'c', delta: '{}' },
        { type: 'tool-input-end', id: 'c' },
        { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '{}' },
        { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com/' },
        finish,
      ],
      pieces,
    )
    expect(answer.content).toEqual([
      { type: 'reasoning', text: 'Hm.', providerMetadata: { some: { signature: 'abc' } } },
      { type: 'text', text: 'Aa' },
      { type: 'text', text: 'B' },
      { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '{}' },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com/' },
    ])
    expect(answer).toMatchObject({
      usage,
      finishReason: { unified: 'stop' },
      response: { id: 'r', timestamp: new Date(1) },
    })
    expect(pieces.map(({ type, text }) => `${type} ${text}`)).toEqual([
      'thought Hm.',
      'answer B',
      'answer A',
      'answer a',
    ])
  })

  it('keeps a thought without words that the provider signed', async () => {
    const answer = await collect([
      { type: 'reasoning-start', id: '0', providerMetadata: { some: { redacted: 'abc' } } },
      { type: 'reasoning-end', id: '0' },
      finish,
    ])
    expect(answer.content).toHaveLength(1)
  })

  it.each<[string, LanguageModelV4StreamPart[], boolean]>([
    ['ends without an end', [{ type: 'text-start', id: '0' }], true],
    ['is empty', [], false],
    [
      'reports an error before anything',
      [
        { type: 'stream-start', warnings: [] },
        { type: 'error', error: 'no' },
      ],
      false,
    ],
    [
      'reports an error late',
      [{ type: 'text-start', id: '0' }, { type: 'error', error: 'no' }, finish],
      true,
    ],
    ['continues what it has not begun', [{ type: 'text-delta', id: '0', delta: 'x' }, finish], false],
  ])('is no answer when it %s', async (_, parts, begun) => {
    await expect(collect(parts)).rejects.toMatchObject({ name: 'StreamError', begun })
    await expect(collect(parts)).rejects.toBeInstanceOf(StreamError)
  })
})
