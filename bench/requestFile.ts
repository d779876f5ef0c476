import { readFileSync, writeFileSync } from 'node:fs'

/** A request of a load in which requests differ. `#` in a header stands for the number of the request. */
export type FileRequest = { headers: Record<string, string>; body: string }

/** Writes requests for the load generators, one per line (see wrk.lua). Bodies contain no tabs or line breaks. */
export function writeRequests(path: string, requests: readonly FileRequest[]): void {
  const lines = requests.map(({ headers, body }) =>
    [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), body].join('\t'),
  )
  writeFileSync(path, `${lines.join('\n')}\n`)
}

export function readRequests(path: string): FileRequest[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.map((line) => {
    const parts = line.split('\t')
    const headers = parts.slice(0, -1).map((part) => part.split(': ', 2))
    return { headers: Object.fromEntries(headers), body: parts.at(-1) ?? '' }
  })
}
