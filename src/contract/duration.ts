import { z } from 'zod'

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Seconds, or a text such as `90s`, `15m`, `12h` or `1d`. */
export const Duration = z.union([
  z.int().min(1).max(31_536_000),
  z
    .string()
    .max(20)
    .refine(
      (text) => durationSeconds(text) !== undefined,
      'use seconds, or a duration such as "15m", "12h" or "1d"',
    ),
])
export type Duration = z.infer<typeof Duration>

/** The seconds of a duration; undefined for what is none, and for more than a year. */
export function durationSeconds(duration: unknown): number | undefined {
  if (typeof duration === 'number') return duration
  const [, count = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(String(duration)) ?? []
  const seconds = Number(count) * (UNITS[unit] ?? 0)
  return seconds >= 1 && seconds <= 31_536_000 ? seconds : undefined
}
