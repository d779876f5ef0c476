import { ExactNumber } from '../../../../src/contract/exactJson.ts'
import { describeValue } from './describeValue.ts'
import { FILTERS, TAGS } from './liquidWords.ts'
import { lookUp, scopeAt, type Scope } from './lookUp.ts'
import type { CompletionSample } from './sample.ts'

export type Option = {
  label: string
  /** What it is, in a few words. */
  detail: string
  /** Written instead of the label, from one character earlier on: the dot before it goes. */
  asIndex?: string
}

export type Offer = {
  /** Where the word begins that is completed. */
  from: number
  options: Option[]
}

/** More than this nobody reads; typing narrows it down. */
const MAX_OPTIONS = 300

/**
 * What can be written at the end of a text, inside of `{{ }}` and `{% %}`: variables, what the sample has below them,
 * filters and tags. undefined outside of them and inside of strings.
 *
 * @param isAsked somebody wants to see what there is, with no letter typed yet
 */
export function completionsAt(before: string, sample: CompletionSample, isAsked = false): Offer | undefined {
  const inside = openPart(before)
  if (inside === undefined || isInString(inside.text)) return undefined
  const { text, isTag } = inside
  const [word = ''] = /[\w-]*$/.exec(text) ?? []
  const from = before.length - word.length
  const head = text.slice(0, text.length - word.length)
  const offer = (options: Option[]): Offer | undefined =>
    options.length === 0 ? undefined : { from, options: options.slice(0, MAX_OPTIONS) }

  if (/\|\s*$/.test(head)) return offer(FILTERS)
  const path = /([A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\]|\["[^"]*"\]|\['[^']*'\])*)\.$/.exec(head)?.[1]
  if (path !== undefined) return offer(membersOf(lookUp(scopeAt(before, sample), path)))
  if (/[.\]]$/.test(head) || (word === '' && !isAsked) || /^\d/.test(word)) return undefined
  if (isTag && /^-?\s*$/.test(head)) return offer(TAGS)
  return offer(variables(scopeAt(before, sample)))
}

/** The text of the output or the tag that is open at the end. */
function openPart(before: string): { text: string; isTag: boolean } | undefined {
  const [output, tag] = [before.lastIndexOf('{{'), before.lastIndexOf('{%')]
  const open = Math.max(output, tag)
  if (open === -1) return undefined
  const text = before.slice(open + 2)
  if (text.includes('}}') || text.includes('%}')) return undefined
  return { text, isTag: tag > output }
}

function isInString(text: string): boolean {
  const rest = text.replaceAll(/"[^"]*"|'[^']*'/g, '')
  return /["']/.test(rest)
}

function variables(scope: Scope): Option[] {
  return Object.entries(scope).map(([label, value]) => ({ label, detail: describeValue(value) }))
}

function membersOf(value: unknown): Option[] {
  if (typeof value === 'string') return [{ label: 'size', detail: `number ${value.length}` }]
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return []
  if (Array.isArray(value)) {
    const elements = value.length === 0 ? [] : [element('first', value[0]), element('last', value.at(-1))]
    return [...elements, { label: 'size', detail: `number ${value.length}` }]
  }
  return Object.entries(value)
    .slice(0, MAX_OPTIONS)
    .map(([label, one]) => ({
      ...element(label, one),
      ...(isName(label) ? {} : { asIndex: indexOf(label) }),
    }))
}

function element(label: string, value: unknown): Option {
  return { label, detail: describeValue(value) }
}

/** Whether a name can be written after a dot. */
function isName(text: string): boolean {
  return /^[A-Za-z_][\w-]*$/.test(text)
}

function indexOf(name: string): string {
  return name.includes('"') ? `['${name}']` : `["${name}"]`
}
