import { syncBuiltinESMExports } from 'node:module'

// Preloaded into the program: a process that reads the word in a model's answer dies immediately, like one that runs
// out of memory in the middle of a run.
const parse = JSON.parse
const fatal = process.argv.includes('worker') || process.argv.includes('run-alone')
JSON.parse = (text: string, reviver?: (this: unknown, key: string, value: unknown) => unknown): unknown => {
  if (fatal && text.includes('deadly poison') && text.includes('"choices"'))
    process.kill(process.pid, 'SIGKILL')
  return parse(text, reviver)
}
syncBuiltinESMExports()
