/** Bodies up to this many bytes are small: the last eighth of the memory is for them alone. */
export const SMALL_BODY_BYTES = 64 * 1024

/** How much memory request bodies may take, all together. */
export type BodyMemory = {
  /** Takes room for `bytes` of a body. Undefined when there is none. */
  take(bytes: number): BodyLease | undefined
  /** Bytes that are taken now. */
  readonly used: number
}

/** The room that one body takes. */
export type BodyLease = {
  /** Takes room for `bytes` more. False, and nothing changes, when there is none. */
  grow(bytes: number): boolean
  /** Gives all of it back. Safe twice. */
  release(): void
}

/**
 * Keeps the bodies that are held at the same time within `maxBytes`. Large bodies may take seven eighths of that,
 * or one body of `largestBytes` if that is more: what is left keeps small requests going while large ones wait.
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
