import type { Journal } from '../../src/agent/journal.ts'
import type { Step } from '../../src/contract/step.ts'

export type JournalWrite = { write: 'begin' | 'finish'; step: Step }

export type MemoryJournal = Journal & {
  /** Every write that succeeded, oldest first. */
  writes: JournalWrite[]
  rows(): Step[]
  row(key: string): Step | undefined
}

/**
 * A journal in memory that keeps rows as JSON, as a database does. Hooks may throw, or wait: `before` a write takes
 * effect, as when the lease is lost, or `after` it, as when the process dies right then. Pass the same `store` to
 * another journal to resume.
 */
export function createMemoryJournal({
  store = new Map(),
  before,
  after,
}: {
  store?: Map<string, string>
  before?: (write: JournalWrite) => void | Promise<void>
  after?: (write: JournalWrite) => void | Promise<void>
} = {}): MemoryJournal {
  const writes: JournalWrite[] = []

  const write = async (kind: JournalWrite['write'], step: Step): Promise<void> => {
    await Promise.resolve()
    await before?.({ write: kind, step })
    store.set(step.key, JSON.stringify(step))
    writes.push({ write: kind, step })
    await after?.({ write: kind, step })
  }

  const row = (key: string): Step | undefined => {
    const text = store.get(key)
    return text === undefined ? undefined : parse(text)
  }

  return {
    find: row,
    begin: (step) => write('begin', step),
    finish: (step) => write('finish', step),
    writes,
    rows: () => [...store.values()].map(parse),
    row,
  }
}

function parse(text: string): Step {
  const step: Step = JSON.parse(text)
  step.startedAt = new Date(step.startedAt)
  if (step.finishedAt) step.finishedAt = new Date(step.finishedAt)
  return step
}
