import { errorKind } from './errorKind.ts'

/** Retries when a race with another transaction ends in a deadlock: by then the other one has committed. */
export async function retryOnConflict<T>(work: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (tries <= 1 || errorKind(error) !== 'conflict') throw error
    return retryOnConflict(work, tries - 1)
  }
}
