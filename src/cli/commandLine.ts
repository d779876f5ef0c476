import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config/configError.ts'
import { loadConfig, loadConfigFor } from '../config/load.ts'
import { redactText } from '../telemetry/redact.ts'
import { StopRequested } from './stopSignal.ts'
import { readVersion } from '../config/version.ts'

/**
 * Runs the command that `argv` names (as `process.argv` has it) and resolves with the exit code. `program`
 * is the file that was run: commands that need a process of their own run it again. Each command's code is
 * loaded only when it runs, so that help, errors and migrations come at once.
 */
export async function runCommandLine(argv: string[], options: { program: string }): Promise<number> {
  const command = new Command('bellwire')
    .description('Gives every AI agent a URL. Settings come from the environment: see docs/configuration.md.')
    .version(readVersion())
    .exitOverride()
  command
    .command('serve')
    .description('run everything on this machine: database, API and worker')
    .action(async () => {
      const config = loadConfig()
      const { serve } = await import('./serve.ts')
      await serve(config, options)
    })
  command
    .command('api')
    .description('run the API alone, on DATABASE_URL')
    .action(async () => {
      const config = loadConfigFor('api')
      const { runApi } = await import('./api.ts')
      await runApi(config)
    })
  command
    .command('worker')
    .description('run a worker alone, on DATABASE_URL')
    .action(async () => {
      const config = loadConfigFor('worker')
      const { runWorker } = await import('./worker.ts')
      await runWorker(config)
    })
  command
    .command('migrate')
    .description('bring the database up to date, and end')
    .action(async () => {
      const config = loadConfig()
      const { runMigrate } = await import('./migrate.ts')
      await runMigrate(config)
    })

  try {
    await command.parseAsync(argv)
    return 0
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode
    if (error instanceof StopRequested) return 0
    process.stderr.write(`${redactText(explain(error))}\n`)
    return 1
  }
}

/** One line for what the operator can mend, the stack for what is our fault. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return `bellwire: ${error.message}`
  return `bellwire: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
