import { describe, expect, it } from 'vitest'
import type { ModelOffer, ModelOffers } from '../../../api/types.ts'
import { NEW_AGENT } from '../agentForm.ts'
import { abilities, contextOf, modelNotes, priceOf, searchModels } from './modelFacts.ts'

const OFFER: ModelOffer = {
  model: 'local/small',
  provider: 'local',
  name: null,
  listed: true,
  tools: false,
  images: false,
  structured_output: false,
  context_length: 131_072,
  price: null,
  provider_price: null,
}
const ABLE: ModelOffer = {
  ...OFFER,
  model: 'openai/gpt-5-mini',
  provider: 'openai',
  name: 'GPT-5 mini',
  tools: true,
  images: true,
  structured_output: true,
  price: { input: 0.25, output: 2 },
}
const OFFERS: ModelOffers = {
  data: [OFFER, ABLE],
  providers: [
    {
      provider: 'local',
      kind: 'openai_compatible',
      source: 'environment',
      models: 1,
      error: null,
      read_at: '2026-01-01T00:00:00Z',
    },
  ],
}

const notes = (form: Partial<typeof NEW_AGENT>): string[] =>
  modelNotes({ ...NEW_AGENT, ...form }, OFFERS).map(({ tone, text }) => `${tone}: ${text}`)

describe('a model', () => {
  it('is described by what is known of it', () => {
    expect(abilities(ABLE)).toEqual(['Tools', 'Images', 'Output schema'])
    expect(abilities(OFFER)).toEqual([])
    expect([contextOf(OFFER), contextOf({ ...OFFER, context_length: null })]).toEqual([
      '131k context',
      undefined,
    ])
    expect([priceOf(ABLE), priceOf(OFFER), priceOf({ price: { input: 0, output: 0 } })]).toEqual([
      '$0.25 / $2.00',
      undefined,
      'Free',
    ])
  })

  it('is found by words of its id and its name', () => {
    const found = (search: string) => [...searchModels(OFFERS.data, search).keys()]
    expect([found(''), found('MINI gpt'), found('local/'), found('none')]).toEqual([
      ['local', 'openai'],
      ['openai'],
      ['local'],
      [],
    ])
  })

  it('is warned about where it cannot do what the agent needs', () => {
    expect(notes({ model: 'openai/gpt-5-mini', tools: '[{"type":"mcp"}]', output_schema: '{}' })).toEqual([])
    expect(notes({ model: 'local/small' })).toEqual([])
    expect(notes({ model: 'local/small', tools: '[' })).toEqual([])
    expect(
      notes({ model: 'local/small', tools: '[{"type":"mcp"}]', output_schema: '{}', max_cost_usd: '1' }),
    ).toEqual([
      expect.stringMatching(/^bad: .*cannot call them/),
      expect.stringMatching(/^plain: .*does not accept images/),
      expect.stringMatching(/^plain: .*does not enforce/),
      expect.stringMatching(/^bad: .*price is unknown/),
    ])
    expect(notes({ model: 'local/other' })).toEqual(['plain: local does not list this model.'])
    expect(notes({ model: 'openai/other' })).toEqual([])
  })
})
