import { availableParallelism, loadavg } from 'node:os'
import { cpuOfFamilies, cpuOfMachine } from './cpu.ts'

/** How quiet the machine was: processor use by other programs, as a share of all processors. */
export type Quiet = { others: number; stolen: number }

/** Starts watching; the families are the processes that belong to the measurement. */
export async function watchQuiet(families: readonly number[]): Promise<() => Promise<Quiet>> {
  const read = async () => ({
    ...(await cpuOfMachine()),
    own: await cpuOfFamilies(families),
    at: performance.now(),
  })
  const before = await read()
  return async () => {
    const after = await read()
    const all = (after.at - before.at) * 1000 * availableParallelism()
    const others = after.busy - before.busy - (after.own - before.own)
    return { others: Math.max(0, others / all), stolen: (after.stolen - before.stolen) / all }
  }
}

export function describeQuiet({ others, stolen }: Quiet): string {
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
  return stolen >= 0.005 ? `${percent(others)}, stolen ${percent(stolen)}` : percent(others)
}

/** The load average of the last minute; at the start of a run it is caused by other programs only. */
export function loadAverage(): string {
  return (loadavg()[0] ?? 0).toFixed(2)
}
