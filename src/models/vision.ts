import { parseRef } from './providers.ts'

/** Models of OpenAI that take no images; all newer ones do. */
const BLIND_OPENAI = /^(gpt-3|gpt-4(-\d|$)|o1-(mini|preview)|o3-mini|davinci|babbage|chatgpt-3)/i

/** Models of Anthropic that take no images; all newer ones do. */
const BLIND_ANTHROPIC = /^claude-(instant|2)/i

/** Names of models with vision, as the usual servers and gateways write them. */
const SEEING =
  /llava|moondream|pixtral|vision|internvl|minicpm-?v|cogvlm|molmo|smolvlm|idefics|multimodal|omni\b|(^|[^a-z])(vl|vlm)([^a-z]|$)|\dvl\b|gemma-?3n?(?!.*(1b|270m))|gemma-?4|mistral-(small-?3\.[1-9]|medium-3)|llama-?4|qwen-?3\.[5-9]|gpt-(4o|4\.1|[5-9])|\bo[34]\b|claude-(3|[a-z]+-\d)|gemini/i

/**
 * Whether a model takes images, as far as its name says. A model that is not known counts as one that does not: a
 * server may drop images without a word.
 */
export function seesImages(ref: string): boolean {
  const { provider, id } = parseRef(ref)
  switch (provider) {
    case 'openai':
      return !BLIND_OPENAI.test(id)
    case 'anthropic':
      return !BLIND_ANTHROPIC.test(id)
    case 'google':
      return true
    default:
      return SEEING.test(id)
  }
}
