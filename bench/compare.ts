import type { Load } from './load.ts'
import { median } from './processes.ts'

/** How long and how often to measure. */
export type Effort = { rounds: number; seconds: number }

/** A server under load. */
export type Side = {
  send(seconds: number): Promise<Load>
  /** Microseconds of CPU used so far by each process of interest. */
  cpu?: Readonly<Record<string, () => Promise<number>>>
}

export type Compared = {
  perSecond: number
  baseline: number
  ratio: number
  p99Ms: number
  /** Microseconds of CPU per request, for the processes of both sides. */
  cpu: Readonly<Record<string, number>>
  baselineCpu: Readonly<Record<string, number>>
}

type Measured = Load & { cpu: Record<string, number> }

/**
 * Sends load to two servers in turns, so that a change in the machine's speed affects both; each figure is the median
 * of the rounds.
 */
export async function compare(own: Side, base: Side, { rounds, seconds }: Effort): Promise<Compared> {
  await base.send(1)
  await own.send(2)
  const pairs: { base: Measured; own: Measured }[] = []
  for (let round = 0; round < rounds; round += 1) {
    pairs.push({ base: await measure(base, seconds), own: await measure(own, seconds) })
  }
  const failed = pairs.reduce((sum, pair) => sum + pair.own.failed, 0)
  if (failed > 0) throw new Error(`${failed} requests did not succeed`)
  return {
    perSecond: median(pairs.map((pair) => pair.own.perSecond)),
    baseline: median(pairs.map((pair) => pair.base.perSecond)),
    ratio: median(pairs.map((pair) => pair.own.perSecond / pair.base.perSecond)),
    p99Ms: median(pairs.map((pair) => pair.own.p99Ms)),
    cpu: medians(pairs.map((pair) => pair.own.cpu)),
    baselineCpu: medians(pairs.map((pair) => pair.base.cpu)),
  }
}

async function measure({ send, cpu = {} }: Side, seconds: number): Promise<Measured> {
  const read = async (): Promise<[string, number][]> =>
    Promise.all(
      Object.entries(cpu).map(async ([name, used]): Promise<[string, number]> => [name, await used()]),
    )
  const before = new Map(await read())
  const load = await send(seconds)
  const after = await read()
  const perRequest = after.map(([name, used]) => [name, (used - (before.get(name) ?? 0)) / load.ok])
  return { ...load, cpu: Object.fromEntries(perRequest) }
}

function medians(rounds: readonly Record<string, number>[]): Record<string, number> {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [name, median(rounds.map((round) => round[name] ?? Number.NaN))]),
  )
}
