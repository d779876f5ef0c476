import { compact, usd } from '../../../lib/amounts.ts'
import { parseJson } from '../../../lib/json.ts'
import type { ModelOffer, ModelOffers } from '../../../api/types.ts'
import type { AgentForm } from '../agentForm.ts'

/** What a model can do, as short words; what is not known is left out. */
export function abilities({ tools, images, structured_output: structured }: ModelOffer): string[] {
  return [tools ? 'Tools' : '', images ? 'Images' : '', structured ? 'Output schema' : ''].filter(Boolean)
}

/** How much text it can take in: "128k context". */
export function contextOf({ context_length: tokens }: ModelOffer): string | undefined {
  return tokens === null ? undefined : `${compact(tokens)} context`
}

/** The price per million tokens, in and out: "$0.25 / $2.00"; undefined when it is unknown. */
export function priceOf({ price }: Pick<ModelOffer, 'price'>): string | undefined {
  if (price === null) return undefined
  return price.input === 0 && price.output === 0 ? 'Free' : `${usd(price.input)} / ${usd(price.output)}`
}

/** The part before the slash of provider/model. */
export function providerOf(model: string): string {
  return model.split('/', 1)[0] ?? ''
}

/** The models that hold all words of a search, by provider in their order. */
export function searchModels(models: readonly ModelOffer[], search: string): Map<string, ModelOffer[]> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = models.filter(({ model, name }) => {
    const text = `${model} ${name ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const groups = new Map<string, ModelOffer[]>()
  for (const one of found) groups.set(one.provider, [...(groups.get(one.provider) ?? []), one])
  return groups
}

/** Something to know about the chosen model. `bad`: the agent cannot work as it is set up. */
export type ModelNote = { tone: 'bad' | 'plain'; text: string }

/** What the chosen model cannot do that the agent needs. */
export function modelNotes(
  form: Pick<AgentForm, 'model' | 'tools' | 'output_schema' | 'max_cost_usd' | 'max_cost_usd_per_day'>,
  { data, providers }: ModelOffers,
): ModelNote[] {
  const model = form.model.trim()
  const offer = data.find((one) => one.model === model)
  if (!offer) return unlisted(model, providers)
  const types = toolTypes(form.tools)
  const notes: ModelNote[] = []
  if (offer.tools === false && types.length > 0) {
    notes.push({ tone: 'bad', text: 'This agent has tools, but the model cannot call them.' })
  }
  if (offer.images === false && types.includes('mcp')) {
    notes.push({
      tone: 'plain',
      text: 'This model does not accept images. For each image that a tool returns, it gets a line with the type and size.',
    })
  }
  if (offer.structured_output === false && form.output_schema.trim() !== '') {
    notes.push({
      tone: 'plain',
      text: 'The provider does not enforce output schemas for this model: an answer that does not match is returned to the model once.',
    })
  }
  if (offer.price === null && (form.max_cost_usd.trim() !== '' || form.max_cost_usd_per_day.trim() !== '')) {
    notes.push({ tone: 'bad', text: 'The price is unknown, and cost limits need it. Set it in Settings.' })
  }
  return notes
}

/** A model that its provider does not list, although it could be asked. */
function unlisted(model: string, providers: ModelOffers['providers']): ModelNote[] {
  const listing = providers.find(({ provider }) => provider === providerOf(model))
  if (!listing || listing.error !== null || model === `${listing.provider}/`) return []
  return [{ tone: 'plain', text: `${listing.provider} does not list this model.` }]
}

function toolTypes(text: string): string[] {
  const parsed = parseJson(text)
  if (!parsed.ok || !Array.isArray(parsed.value)) return []
  return parsed.value.flatMap((tool: unknown) =>
    typeof tool === 'object' && tool !== null && 'type' in tool ? [String(tool.type)] : [],
  )
}
