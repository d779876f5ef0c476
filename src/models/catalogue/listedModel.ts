import type { ModelPrice } from '../../contract/price.ts'

/** A model in a provider's list, with what the list says of it. */
export type ListedModel = {
  id: string
  /** A display name that differs from the id. */
  name?: string
  tools?: boolean
  images?: boolean
  structuredOutput?: boolean
  /** Tokens. */
  contextLength?: number
  /** Its price in the list. */
  price?: ModelPrice
}

/** Models of one provider that are read at most. */
export const MAX_LISTED = 2_000

/** An id that can be part of a reference: one line, not too long for an agent's `model`. */
export function readId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[^\s\p{Cc}\p{Cs}](?:[^\p{Cc}\p{Cs}]{0,198}\S)?$/u.test(value)
    ? value
    : undefined
}

/** A display name, unless it says the same as the id. */
export function readName(value: unknown, id: string): { name?: string } {
  if (typeof value !== 'string') return {}
  const name = value
    .replaceAll(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)
  return name === '' || name === id ? {} : { name }
}

/** The first of several values that is a number of tokens. */
export function readTokens(...values: unknown[]): { contextLength?: number } {
  const found = values.find((value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 0)
  return typeof found === 'number' ? { contextLength: found } : {}
}

/** `{ [field]: value }` for a boolean; nothing for anything else. */
export function readFlag<Field extends 'tools' | 'images' | 'structuredOutput'>(
  field: Field,
  value: unknown,
): { [key in Field]?: boolean } {
  return (typeof value === 'boolean' ? { [field]: value } : {}) as { [key in Field]?: boolean }
}

/** A member of what may be an object. */
export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined
}

/** The items of what may be a list. */
export function items(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]).slice(0, MAX_LISTED) : []
}
