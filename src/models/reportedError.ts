import type { ErrorWords } from './errorWords.ts'

/** A provider reported an error where its answer should be, although the HTTP status was that of a success. */
export class ReportedError extends Error {
  readonly words: ErrorWords

  constructor(words: ErrorWords) {
    super(words.message || 'the provider reported an error')
    this.name = 'ReportedError'
    this.words = words
  }
}
