import { createPrices } from '../../agents/prices.ts'
import { modelOfferRoutes } from '../../http/routes/modelOffers.ts'
import { modelProviderRoutes } from '../../http/routes/modelProviders.ts'
import { priceRoutes } from '../../http/routes/prices.ts'
import { providerRoutes } from '../../http/routes/providers.ts'
import { createModelCatalogue } from '../../models/catalogue/catalogue.ts'
import { createModelFetch } from '../../models/modelFetch.ts'
import { knowProviders } from '../../models/providers.ts'
import { variablesOf } from '../../models/providerSettings.ts'
import { LIST_PRICES, openProviders } from '../foundation.ts'
import type { ApiBase } from './base.ts'

export type Models = Awaited<ReturnType<typeof openModels>>

/** Model providers, the models that they offer, and prices. */
export async function openModels({ stack, config, db, vault, signals }: ApiBase) {
  const { providers, guard } = await openProviders({ config, db, vault, signals })
  const prices = createPrices({ db, list: LIST_PRICES })
  const modelFetch = { environment: createModelFetch(), saved: createModelFetch(guard) }
  stack.defer(async () => {
    await Promise.all([modelFetch.environment.close(), modelFetch.saved.close()])
  })
  const catalogue = createModelCatalogue({
    readProviders: () => providers.read({ afresh: true }),
    priceOf: (model) => prices.of(model),
    fetchFor: ({ source }) => modelFetch[source].fetch,
  })
  return {
    providers,
    prices,
    management: [
      modelProviderRoutes({
        readProviders: async () => knowProviders(await providers.read({ afresh: true })).all(),
      }),
      providerRoutes({
        providers,
        variablesOf,
        test: async (name, { settings, model }) =>
          catalogue.test(await providers.draft(name, settings), model),
      }),
      modelOfferRoutes({ readOffers: catalogue.read }),
      priceRoutes({ prices }),
    ],
  }
}
