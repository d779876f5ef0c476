import { appendFileSync } from 'node:fs'

// Stands in for a worker process in tests of its parent. It writes what happens to it into the file FAKE_WORKER_FILE;
// with FAKE_WORKER_STUBBORN it does not stop when asked to, with FAKE_WORKER_DIES it exits immediately.
const file = process.env['FAKE_WORKER_FILE'] ?? ''
const note = (word: string) => appendFileSync(file, `${word} ${process.pid}\n`)

process.on('disconnect', () => {
  note('told')
  if (process.env['FAKE_WORKER_STUBBORN'] === undefined) process.exit(0)
})
setInterval(() => undefined, 60_000)
note(process.argv[2] ?? '')
if (process.env['FAKE_WORKER_DIES'] !== undefined) process.exit(1)
