/** Characters of the model calls in progress that a front door keeps for its followers. */
export const MAX_TEXT = 64 * 1024 * 1024

/** The text that is kept for one followed task. */
export type TextHold = {
  /** Sets how many characters are kept now. */
  set(characters: number): void
}

/** Limits the text that is kept for all followed tasks of a process. */
export type TextBudget = {
  /** @param drop drops the text, to make room for others */
  open(drop: () => void): TextHold
}

/** Beyond the limit, the text that has been kept for longest is dropped first. */
export function createTextBudget(maxCharacters = MAX_TEXT): TextBudget {
  /** Oldest first. */
  const holds = new Map<TextHold, { characters: number; drop: () => void }>()
  let total = 0

  function remove(hold: TextHold): void {
    total -= holds.get(hold)?.characters ?? 0
    holds.delete(hold)
  }

  return {
    open(drop) {
      const hold: TextHold = {
        set(characters) {
          if (characters === 0) return remove(hold)
          const kept = holds.get(hold) ?? { characters: 0, drop }
          holds.set(hold, kept)
          total += characters - kept.characters
          kept.characters = characters
          while (total > maxCharacters) {
            const [oldest] = holds
            if (!oldest) return
            remove(oldest[0])
            oldest[1].drop()
          }
        },
      }
      return hold
    },
  }
}
