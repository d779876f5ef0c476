import { z } from 'zod'

/** The API that a provider speaks. */
export const ProviderKind = z.enum(['openai', 'anthropic', 'google', 'openai_compatible'])
export type ProviderKind = z.infer<typeof ProviderKind>

/** Where the settings of a provider are from. Those of the environment are read only. */
export const ProviderSource = z.enum(['environment', 'saved'])
export type ProviderSource = z.infer<typeof ProviderSource>
