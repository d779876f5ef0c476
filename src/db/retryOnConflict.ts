import { errorKind } from './errorKind.ts'

/** Tries again when a race with another transaction ends in a deadlock: the other one has committed then. */
export async function retryOnConflict<T>(work: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (tries <= 1 || errorKind(error) !== 'conflict') throw error
    return retryOnConflict(work, tries - 1)
  }
}
