import { ModelPrice, type PricedModel } from '../contract/price.ts'
import type { Database } from '../db/database.ts'
import { createLookupCache } from '../db/lookupCache.ts'
import { BellwireError } from '../errors.ts'

/** Token prices: those set by operators, otherwise the list prices. */
export type Prices = {
  /**
   * The price of a model; undefined when unknown. Changes by other processes are seen within seconds, or at once with a
   * fresh read.
   */
  of(model: string, options?: { afresh?: boolean }): Promise<ModelPrice | undefined>
  /** By name of the model. */
  list(): Promise<PricedModel[]>
  /**
   * @param options.ifNew only if no price was set for this model before
   * @throws BellwireError `precondition_failed`
   */
  set(model: string, price: ModelPrice, options?: { ifNew?: boolean }): Promise<PricedModel>
  /** Restores the list price, if there is one. @throws BellwireError `price_not_found` */
  delete(model: string): Promise<void>
}

export type ListPrices = {
  of(model: string): ModelPrice | undefined
  all(): { model: string; price: ModelPrice }[]
}

/** How long a read is considered current. */
const FRESH_MS = 2_000

type Row = { model: string; price: unknown; updated_at: Date }

export function createPrices({ db, list }: { db: Database; list: ListPrices }): Prices {
  const custom = createLookupCache<Map<string, ModelPrice>>({
    lookUp: async () =>
      new Map((await readRows()).map(({ model, price }) => [model, ModelPrice.parse(price)])),
    ttlMs: FRESH_MS,
    maxEntries: 1,
  })

  async function readRows(): Promise<Row[]> {
    const { rows } = await db.pool.query<Row>('select model, price, updated_at from bellwire.model_prices')
    return rows
  }

  return {
    async of(model, { afresh = false } = {}) {
      if (afresh) custom.clear()
      return (await custom.get('all'))?.get(model) ?? list.of(model)
    },

    async list() {
      const rows = (await readRows()).map(show)
      const names = new Set(rows.map(({ model }) => model))
      const listed = list
        .all()
        .filter(({ model }) => !names.has(model))
        .map(({ model, price }) => ({ model, ...price, source: 'built_in' as const, updated_at: null }))
      return [...rows, ...listed].toSorted((a, b) => (a.model < b.model ? -1 : 1))
    },

    async set(model, price, { ifNew = false } = {}) {
      const { rows } = await db.pool.query<Row>(
        `insert into bellwire.model_prices (model, price) values ($1, $2)
          on conflict (model) do update set price = excluded.price, updated_at = now() where not $3
          returning model, price, updated_at`,
        [model, JSON.stringify(price), ifNew],
      )
      custom.clear()
      const [row] = rows
      if (row) return show(row)
      throw new BellwireError(
        'precondition_failed',
        `A price is already set for ${model}. Nothing was changed: send the request without If-None-Match to replace it.`,
      )
    },

    async delete(model) {
      const { rowCount } = await db.pool.query('delete from bellwire.model_prices where model = $1', [model])
      custom.clear()
      if (rowCount === 0) throw new BellwireError('price_not_found')
    },
  }
}

function show({ model, price, updated_at: at }: Row): PricedModel {
  return { model, ...ModelPrice.parse(price), source: 'custom', updated_at: at.toISOString() }
}
