import { readTexts, type PgMessage } from './pgMessages.ts'

/** A server's response to one group of messages: everything up to a Sync, or one simple query. */
export type Answered = {
  /** The statements of the group. */
  statements: string[]
  /** Those of the whole transaction, if the group has committed one: by COMMIT, or as a single statement. */
  committed: string[] | undefined
}

/** Tracks what one connection sends and receives: which statements, and which transactions they commit. */
export type Conversation = {
  /** A message from the client, in order. */
  sent(message: PgMessage): void
  /** A message from the server, in order; returns what was answered if it is the last one for a group. */
  received(message: PgMessage): Answered | undefined
  /** Whether a response from the server is pending. */
  isWaiting(): boolean
}

export function createConversation(): Conversation {
  /** Texts of prepared statements by name, and of portals; '' is the unnamed one of each. */
  const prepared = new Map<string, string>()
  const portals = new Map<string, string>()
  const unanswered: string[][] = []
  let group: string[] = []
  let transaction: string[] = []
  let failed = false
  let rolledBack = false

  function close(): void {
    unanswered.push(group)
    group = []
  }

  return {
    isWaiting: () => unanswered.length > 0 || group.length > 0,

    sent({ type, bytes }) {
      const [first = '', second = ''] = 'PBEQ'.includes(type) ? readTexts(bytes, 2) : []
      if (type === 'P') prepared.set(first, second)
      else if (type === 'B') portals.set(first, prepared.get(second) ?? '')
      else if (type === 'E') group.push(portals.get(first) ?? '')
      else if (type === 'Q') group.push(first)
      if (type === 'Q' || type === 'S') close()
    },

    received({ type, bytes }) {
      if (type === 'E') failed = true
      if (type === 'C') rolledBack = readTexts(bytes, 1)[0] === 'ROLLBACK'
      if (type !== 'Z') return undefined
      // The first one ends the start-up, and answers no statement.
      const statements = unanswered.shift() ?? []
      transaction.push(...statements)
      const isIdle = bytes[5] === IDLE
      const committed = isIdle && !failed && !rolledBack ? transaction : undefined
      if (isIdle) transaction = []
      failed = false
      rolledBack = false
      return { statements, committed }
    },
  }
}

/** Status of ReadyForQuery: not in a transaction. */
const IDLE = 'I'.charCodeAt(0)
