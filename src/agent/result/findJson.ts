import { parseExact } from '../../contract/exactJson.ts'

/** A fenced block of any language: models often wrap JSON in one without being asked to. */
const FENCE = /```[ \t]*(?:[\w+-]+[ \t]*)?\r?\n([\s\S]*?)```/g

/** Maximum number of places in a text that are tried as the start of JSON; the same for blocks. */
const MAX_TRIES = 100

/** Characters that are read for the ends of values: an opening bracket without an end is followed to the end of the text. */
const MAX_READ = 5_000_000

/**
 * Finds the JSON value in a model's text: the whole text, the only value in a fenced block, or the only object or list
 * within prose. Undefined when there is none, or more than one.
 */
export function findJson(text: string): unknown {
  const whole = parse(text)
  if (whole !== undefined) return whole
  const fenced = blocksOf(text).flatMap((block) => valueOf(block.trim()))
  if (fenced.length > 0) return only(fenced)
  return only(valuesWithin(text))
}

function blocksOf(text: string): string[] {
  const blocks: string[] = []
  for (const [, content = ''] of text.matchAll(FENCE)) {
    if (blocks.push(content) === MAX_TRIES) break
  }
  return blocks
}

function only(values: unknown[]): unknown {
  return values.length === 1 ? values[0] : undefined
}

/** Outermost objects and lists in a text. */
function valuesWithin(text: string): unknown[] {
  const values: unknown[] = []
  let at = nextOpening(text, 0)
  let read = 0
  for (let tries = 0; at >= 0 && tries < MAX_TRIES && read < MAX_READ; tries++) {
    const end = endOf(text, at)
    read += (end ?? text.length) - at
    const found = end === undefined ? [] : valueOf(text.slice(at, end))
    values.push(...found)
    at = nextOpening(text, found.length > 0 && end !== undefined ? end : at + 1)
  }
  return values
}

function nextOpening(text: string, from: number): number {
  const found = text.slice(from).search(/[[{]/)
  return found < 0 ? -1 : from + found
}

/** Where the value that starts at `start` ends; undefined when it does not. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0
  let isText = false
  for (let at = start; at < text.length; at++) {
    const one = text[at]
    if (isText) {
      if (one === '\\') at++
      else if (one === '"') isText = false
    } else if (one === '"') isText = true
    else if (one === '{' || one === '[') depth++
    else if (one === '}' || one === ']') {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return undefined
}

function valueOf(text: string): unknown[] {
  const value = parse(text)
  return value === undefined ? [] : [value]
}

function parse(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}
