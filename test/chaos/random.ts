/** Random numbers determined by a seed. */
export type Random = {
  /** From `low` up to, but not including, `high`. */
  between(low: number, high: number): number
  /** True with this probability, from 0 to 1. */
  chance(share: number): boolean
  /** One of the names; a name with a weight of 2 is twice as likely as one with 1. */
  pick<Name extends string>(weights: Readonly<Partial<Record<Name, number>>>): Name
}

/** Gives the same numbers for the same seed: mulberry32, a generator of Tommy Ettinger's, over a hash (FNV-1a). */
export function createRandom(seed: string): Random {
  let state = 0x811c9dc5
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 0x01000193)

  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  return {
    between: (low, high) => low + next() * (high - low),
    chance: (share) => next() < share,
    pick<Name extends string>(weights: Readonly<Partial<Record<Name, number>>>): Name {
      const names = Object.keys(weights).filter((name): name is Name => name in weights)
      const weight = (name: Name): number => weights[name] ?? 0
      let left = next() * names.reduce((sum, name) => sum + weight(name), 0)
      for (const name of names) if ((left -= weight(name)) < 0) return name
      const last = names.at(-1)
      if (last === undefined) throw new Error('there is nothing to pick from')
      return last
    },
  }
}
