import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Functions that are printed for a process. */
const MAX_LINES = 40

let folder: string | undefined
let count = 0

/** From now on, processes are profiled: each writes a CPU profile into the folder when it ends. */
export async function profileInto(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
  folder = path
}

/** How to profile a process: options for Node, and what prints the costliest functions once the process has ended. */
export function profileOf(script: string): { options: string[]; print: () => Promise<void> } {
  if (folder === undefined) return { options: [], print: async () => {} }
  const name = `${script.replace(/\.ts$/, '')}-${(count += 1)}.cpuprofile`
  const path = join(folder, name)
  return {
    options: ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}`],
    print: async () => void process.stderr.write(summarize(path, JSON.parse(await readFile(path, 'utf8')))),
  }
}

/** What Node writes: samples are ids of nodes, times in microseconds. */
type Profile = {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

/** The functions in which a process spent most of its CPU time, without what they called. */
export function summarize(title: string, { nodes, samples, timeDeltas }: Profile): string {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = url.split('/').slice(-3).join('/')
      const name = functionName === '' ? '(anonymous)' : functionName
      return [id, place === '' ? name : `${name} ${place}:${lineNumber + 1}`]
    }),
  )
  const spent = new Map<string, number>()
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '(unknown)'
    if (name !== '(idle)') spent.set(name, (spent.get(name) ?? 0) + (timeDeltas[index] ?? 0))
  })
  const total = [...spent.values()].reduce((sum, time) => sum + time, 0)
  const lines = [...spent]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_LINES)
    .map(([name, time]) => `${((time / total) * 100).toFixed(1).padStart(5)} %  ${name}`)
  return `${title}: ${(total / 1e6).toFixed(1)} s\n${lines.join('\n')}\n`
}
