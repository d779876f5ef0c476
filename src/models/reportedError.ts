import type { ErrorWords } from './errorWords.ts'

/** A provider returned an error in place of its answer, with a successful HTTP status. */
export class ReportedError extends Error {
  readonly words: ErrorWords

  constructor(words: ErrorWords) {
    super(words.message || 'the provider reported an error')
    this.name = 'ReportedError'
    this.words = words
  }
}
