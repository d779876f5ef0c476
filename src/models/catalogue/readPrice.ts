import { ModelPrice } from '../../contract/price.ts'
import { member } from './listedModel.ts'

/**
 * Reads the price of an entry in OpenRouter's format: `prompt`, `completion` and `input_cache_read` in US dollars per
 * token, as decimal text. Returns nothing if one of them is missing or varies (-1), or if a call costs something beside
 * its tokens, since the price would be incomplete.
 */
export function readPrice(pricing: unknown): { price?: ModelPrice } {
  const input = perMillion(member(pricing, 'prompt'))
  const output = perMillion(member(pricing, 'completion'))
  if (input === undefined || output === undefined || (perMillion(member(pricing, 'request')) ?? 0) > 0)
    return {}
  const cached = perMillion(member(pricing, 'input_cache_read'))
  const price = ModelPrice.safeParse({
    input,
    ...(cached === undefined ? {} : { cached_input: cached }),
    output,
  })
  return price.success ? { price: price.data } : {}
}

function perMillion(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{0,6}\.?\d{1,18}(?:e-\d\d?)?$/i.test(value)) return undefined
  // Rounds off binary floating-point errors, as in 0.0000003 × 1,000,000.
  return Number((Number(value) * 1_000_000).toPrecision(12))
}
