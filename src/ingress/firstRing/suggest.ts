import type { Ring, RingSuggestions } from '../../contract/firstRing.ts'
import { findSource } from '../sources/index.ts'
import type { Source } from '../sources/source.ts'
import { inferSchema } from './inferSchema.ts'
import { recogniseSource } from './recogniseSource.ts'
import { suggestMessage } from './suggestMessage.ts'

/** Says what the kept requests of a webhook suggest: the newest shows who sends, all of them what is sent. */
export function suggest(rings: readonly Ring[]): RingSuggestions {
  const newest = rings.at(-1)
  if (!newest) return { source: null, payload_schema: null, message: null }
  const [readable, ...more] = rings.filter(({ payload }) => payload !== null)
  const source = findSource(recogniseSource(newest.headers, newest.payload) ?? '')
  return {
    source: source ? { ...describe(source, newest), name: source.name, title: source.title } : null,
    payload_schema: readable ? inferSchema(readable.payload, ...more.map(({ payload }) => payload)) : null,
    message: newest.payload === null ? null : suggestMessage(newest.payload, source?.title),
  }
}

/** Why a request seems to come from a source: a header that only it sends says more than the shape of a payload. */
function describe(
  source: Source,
  { headers, payload }: Ring,
): Pick<NonNullable<RingSuggestions['source']>, 'confidence' | 'evidence'> {
  const telling = Object.keys(headers).filter((name) =>
    source.recognise({ [name]: headers[name] }, undefined),
  )
  const byHeaders = source.recognise(headers, undefined)
  const byPayload = source.recognise({}, payload)
  const evidence = telling.map((name) => `The request has the header ${name}.`)
  if (telling.length === 0 && byHeaders) evidence.push(`The headers are those of ${source.title}.`)
  if (byPayload) evidence.push(`The payload has the shape that ${source.title} sends.`)
  if (evidence.length === 0) evidence.push(`Headers and payload together are those of ${source.title}.`)
  return { confidence: byHeaders || !byPayload ? 'high' : 'medium', evidence }
}
