import type { Providers } from '../config/config.ts'
import { DEMO, knowProviders } from '../models/providers.ts'
import { environmentProviders } from '../models/providerSettings.ts'

/**
 * Describes in a line or two which models agents can use: those of the configured providers, or what to set if there
 * are none.
 *
 * @param demoModel the model that was found for the demo agent
 * @param saved names of the providers that were added at run time
 */
export function describeModels(
  providers: Providers,
  demoModel: string | undefined,
  saved: readonly string[] = [],
): string[] {
  const all = knowProviders(environmentProviders(providers)).all()
  const configured = all.filter(({ name, set, configured }) => configured && set !== null && name !== 'local')
  const names = configured.map(({ name }) => `${name}/…`)
  if (providers.local) {
    const silent = demoModel === DEMO ? ', where no model was found' : ''
    names.push(`local/… (${providers.local.baseUrl}${silent})`)
  }
  names.push(...saved.map((name) => `${name}/…`))
  if (names.length > 0) return [[...names, DEMO].join(', ')]
  const settings = all.flatMap(({ set }) => set ?? [])
  return [
    `${DEMO} only, with canned answers. For a real model start Ollama on this machine,`,
    'add a provider in the console under Settings, Providers,',
    `or set ${settings.slice(0, -1).join(', ')} or ${settings.at(-1)}, and restart.`,
  ]
}
