import type { SourceDescription } from '../../contract/source.ts'
import { SOURCE_NAMES, SOURCES } from './index.ts'
import type { Source } from './source.ts'

/** What people need to know of each source, in the order of the table. */
export function describeSources(): SourceDescription[] {
  return SOURCE_NAMES.map((key) => {
    const { name, title, about, reference, scheme, fields, setup, batch }: Source = SOURCES[key]
    return {
      name,
      title,
      about,
      reference: reference ?? null,
      verification: `${scheme.summary.charAt(0).toUpperCase()}${scheme.summary.slice(1)}.`,
      fields: fields.map(({ name, label, hint, required }) => ({ name, label, hint, required })),
      setup: [...setup],
      batch: batch ?? null,
    }
  })
}
