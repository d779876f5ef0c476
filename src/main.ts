import { runCommandLine } from './cli/commandLine.ts'

// The file that node runs: commands that need a process of their own run it again.
const program = process.argv[1] ?? ''
process.exit(await runCommandLine(process.argv, { program }))
