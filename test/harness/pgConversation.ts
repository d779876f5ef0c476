import { readTexts, type PgMessage } from './pgMessages.ts'

/** What the server has answered to one group of messages: to everything up to a Sync, or to one simple query. */
export type Answered = {
  /** The statements of the group. */
  statements: string[]
  /** Those of the whole transaction, when the group has committed one: by COMMIT, or as a transaction of its own. */
  committed: string[] | undefined
}

/** Follows what one connection sends and gets: which statements, and which transactions they commit. */
export type Conversation = {
  /** A message of the client, in order. */
  sent(message: PgMessage): void
  /** A message of the server, in order; says what was answered when it is the last one to a group. */
  received(message: PgMessage): Answered | undefined
  /** Whether the server owes an answer. */
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
      // The first one ends the start-up, and answers nothing.
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
