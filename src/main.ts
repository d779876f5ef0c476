#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { runCommandLine } from './cli/commandLine.ts'

process.exit(await runCommandLine(process.argv, { program: fileURLToPath(import.meta.url) }))
