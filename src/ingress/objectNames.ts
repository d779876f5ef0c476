import { withoutTrailing } from '../contract/withoutTrailing.ts'

/** Digits that are taken for an id by themselves: shorter ones may be numbers of anything. */
const ID_AT_END = /(?<=\D)\d{5,}$/

/**
 * The names under which an API may have called an object when it was made. Events often hold another URL of it than
 * the API has answered with: of another version, or of its page; the id at the end is the same.
 *
 * @example objectNames('https://x.example/issues/7#note_30412') → ['https://x.example/issues/7#note_30412', '30412']
 */
export function objectNames(object: string): string[] {
  const name = /^https?:\/\//i.test(object) ? withoutTrailing(object, '/') : object
  const id = /^https?:\/\//i.test(name) ? ID_AT_END.exec(name)?.[0] : undefined
  return id === undefined ? [name] : [name, id]
}
