import { BellwireError } from '../../errors.ts'

/** Maximum open event streams with the signed link of one task: the link may have been shared or published. */
const MAX_PER_LINK = 100

/** When to retry, in seconds: streams end with their tasks. */
const RETRY_AFTER = 10

/** Counts open event streams. */
export type FollowerLimit = {
  /**
   * @param link the task of a signed link, when one was used
   * @returns the function to call when the stream is closed; can be called twice
   * @throws BellwireError `too_many_followers`
   */
  enter(client: string, link?: string): () => void
}

export function createFollowerLimit({
  perClient,
  perLink = MAX_PER_LINK,
}: {
  perClient: number
  perLink?: number
}): FollowerLimit {
  const open = new Map<string, number>()

  function add(key: string, change: 1 | -1): void {
    const count = (open.get(key) ?? 0) + change
    if (count > 0) open.set(key, count)
    else open.delete(key)
  }

  return {
    enter(client, link) {
      const keys = [`client ${client}`, ...(link === undefined ? [] : [`link ${link.toLowerCase()}`])]
      const [ofClient = 0, ofLink = 0] = keys.map((key) => open.get(key) ?? 0)
      if (ofClient >= perClient || ofLink >= perLink) {
        const limit = ofLink >= perLink ? `${perLink} with this link` : `${perClient} from this address`
        throw new BellwireError(
          'too_many_followers',
          `${limit} are open, which is the limit. Close streams that nobody reads, follow each task once, or poll its status.`,
          { retryAfter: RETRY_AFTER },
        )
      }
      for (const key of keys) add(key, 1)
      let inside = true
      return () => {
        if (!inside) return
        inside = false
        for (const key of keys) add(key, -1)
      }
    },
  }
}
