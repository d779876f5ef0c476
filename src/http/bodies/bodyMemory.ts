/** Bodies up to this many bytes are small: the last eighth of the memory is reserved for them. */
export const SMALL_BODY_BYTES = 64 * 1024

/** The memory for all request bodies. */
export type BodyMemory = {
  /** Reserves `bytes` for a body. Undefined when there is not enough. */
  take(bytes: number): BodyLease | undefined
  /** Bytes currently reserved. */
  readonly used: number
}

/** The memory reserved for one body. */
export type BodyLease = {
  /** Reserves `bytes` more. False, and nothing changes, when there is not enough. */
  grow(bytes: number): boolean
  /** Releases all of it. Can be called twice. */
  release(): void
}

/**
 * Keeps all bodies held at the same time within `maxBytes`. Large bodies may use seven eighths of that, or one body of
 * `largestBytes` if that is more: the rest keeps small requests going while large ones wait.
 */
export function createBodyMemory({
  maxBytes,
  largestBytes,
}: {
  maxBytes: number
  largestBytes: number
}): BodyMemory {
  const forLarge = Math.min(maxBytes, Math.max(Math.floor((maxBytes * 7) / 8), largestBytes))
  let used = 0

  return {
    get used() {
      return used
    },
    take(bytes) {
      let size = 0
      const lease: BodyLease = {
        grow(more) {
          const limit = size + more <= SMALL_BODY_BYTES ? maxBytes : forLarge
          if (used + more > limit) return false
          size += more
          used += more
          return true
        },
        release() {
          used -= size
          size = 0
        },
      }
      return lease.grow(bytes) ? lease : undefined
    },
  }
}
