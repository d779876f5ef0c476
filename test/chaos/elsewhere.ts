import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'

// Loaded before the program: makes a process believe that it runs on a machine of its own, so that others
// cannot look whether it is alive.
const name = `machine-${process.pid}`
os.hostname = () => name
syncBuiltinESMExports()
