import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'

// Preloaded into the program: makes a process believe that it runs on its own machine, so that others cannot check
// whether it is alive.
const name = `machine-${process.pid}`
os.hostname = () => name
syncBuiltinESMExports()
