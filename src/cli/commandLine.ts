import { Command, CommanderError } from 'commander'
import { loadConfig, loadConfigFor } from '../config/load.ts'
import { redactText } from '../telemetry/redact.ts'
import { explainError } from './explainError.ts'
import { HELP } from './help.ts'
import { StopRequested } from './stopSignal.ts'
import { readVersion } from '../config/version.ts'

/**
 * Runs the command that `argv` names (as `process.argv` has it), `serve` where it names none, and resolves with
 * the exit code. `program` is the file that was run: commands that need a process of their own run it again.
 * Each command's code is loaded only when it runs, so that help, errors and migrations start quickly.
 */
export async function runCommandLine(argv: string[], options: { program: string }): Promise<number> {
  let exitCode = 0
  const command = new Command('bellwire')
    .description('Gives every AI agent a URL: durable webhooks that start agents.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError('Run "bellwire --help" for the commands.')
    .addHelpText('after', HELP)
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
    .description('run only the API, with the database in DATABASE_URL')
    .action(async () => {
      const config = loadConfigFor('api')
      const { runApi } = await import('./api.ts')
      await runApi(config)
    })
  command
    .command('worker')
    .description('run only a worker, with the database in DATABASE_URL')
    .action(async () => {
      const config = loadConfigFor('worker')
      const { runWorker } = await import('./worker.ts')
      await runWorker(config, options)
    })
  command
    .command('run-alone <task> <worker>', { hidden: true })
    .description('run one task in this process, then exit; started by workers')
    .action(async (taskId: string, worker: string) => {
      const config = loadConfig()
      const { runAlone } = await import('./runAlone.ts')
      exitCode = await runAlone(config, { taskId, parentId: Number(worker) })
    })
  command
    .command('migrate')
    .description('bring the database schema up to date, then exit')
    .action(async () => {
      const config = loadConfig()
      const { runMigrate } = await import('./migrate.ts')
      await runMigrate(config)
    })

  try {
    const [node = '', file = '', ...args] = argv
    await command.parseAsync([node, file, ...(args.length === 0 ? ['serve'] : args)])
    return exitCode
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode
    if (error instanceof StopRequested) return 0
    process.stderr.write(`${redactText(explainError(error))}\n`)
    return 1
  }
}
