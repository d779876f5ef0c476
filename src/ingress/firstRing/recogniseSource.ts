import type { IncomingHttpHeaders } from 'node:http'
import { SOURCE_NAMES, SOURCES, type SourceName } from '../sources/index.ts'

/** Formats that several senders share: a sender that says who it is counts more. */
const SHARED: readonly SourceName[] = ['cloudevents', 'standard_webhooks']

/**
 * Says which sender a request comes from, by its headers and the shape of its payload; undefined when none of the
 * table fits. Nothing is verified by this: anybody can send the headers of anybody.
 */
export function recogniseSource(headers: IncomingHttpHeaders, payload: unknown): SourceName | undefined {
  const fitting = SOURCE_NAMES.filter((name) => SOURCES[name].recognise(headers, payload))
  return fitting.find((name) => !SHARED.includes(name)) ?? fitting[0]
}
