import cronstrue from 'cronstrue'

/** A cron expression in words, such as "At 09:00, Monday through Friday"; undefined for what is none. */
export function cronWords(cron: string): string | undefined {
  const trimmed = cron.trim()
  if (trimmed === '') return undefined
  try {
    return cronstrue.toString(trimmed, { use24HourTimeFormat: true })
  } catch {
    return undefined
  }
}
