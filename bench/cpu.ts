import { readdir, readFile } from 'node:fs/promises'

/** The kernel counts in hundredths of a second, whatever its own tick is (proc(5), USER_HZ). */
const MICROSECONDS_PER_TICK = 10_000

type Stat = { pid: number; parent: number; ticks: number; endedChildrenTicks: number }

/** Microseconds of CPU used by a process, summed over its threads. */
export async function cpuOfProcess(pid: number): Promise<number> {
  return ((await readStat(pid))?.ticks ?? 0) * MICROSECONDS_PER_TICK
}

/**
 * Microseconds of CPU used by processes and all of their descendants; ended processes count towards the parent that
 * waited for them.
 */
export async function cpuOfFamilies(roots: readonly number[]): Promise<number> {
  const stats = (await Promise.all((await processIds()).map(readStat))).filter((stat) => stat !== undefined)
  const family = new Set(roots)
  for (let before = 0; before !== family.size;) {
    before = family.size
    for (const { pid, parent } of stats) if (family.has(parent)) family.add(pid)
  }
  return stats
    .filter(({ pid }) => family.has(pid))
    .reduce((sum, stat) => sum + (stat.ticks + stat.endedChildrenTicks) * MICROSECONDS_PER_TICK, 0)
}

/** Microseconds that all processors were busy for this machine, and those taken by its host (steal time). */
export async function cpuOfMachine(): Promise<{ busy: number; stolen: number }> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n')
  const ticks = line.split(/\s+/).slice(1).map(Number)
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = ticks
  return {
    busy: (user + nice + system + irq + softirq) * MICROSECONDS_PER_TICK,
    stolen: stolen * MICROSECONDS_PER_TICK,
  }
}

async function processIds(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
}

async function readStat(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  if (text === '') return undefined
  // The program's name is the second field, in parentheses, and may contain any character.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  return { pid, parent: field(4), ticks: field(14) + field(15), endedChildrenTicks: field(16) + field(17) }
}
