import { ExactNumber } from '../../../../src/contract/exactJson.ts'

/** Characters of a value that are shown beside its name. */
const EXCERPT = 40

/** A value in a few words: its type and how it begins. */
export function describeValue(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return ''
  if (Array.isArray(value)) return `array, ${count(value.length, 'item')}`
  if (value instanceof ExactNumber) return `number ${value.toString()}`
  if (typeof value === 'object') return `object, ${count(Object.keys(value).length, 'field')}`
  if (typeof value === 'string') return `string ${JSON.stringify(excerpt(value))}`
  return `${typeof value} ${JSON.stringify(value)}`
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`
}

function excerpt(text: string): string {
  const line = text.slice(0, EXCERPT + 1).replaceAll(/\s+/g, ' ')
  return text.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line
}
