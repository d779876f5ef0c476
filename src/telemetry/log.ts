import type { Logger } from 'pino'

/** What everything that reports writes to. */
export type Log = Logger
