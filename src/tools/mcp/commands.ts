/** A program that agents may start, with the arguments that it must start with. */
type Allowed = readonly string[]

/** Returns why a program may not be started; undefined when it may. */
export type CheckCommand = (command: string, args: readonly string[]) => string | undefined

/**
 * Creates the check of the programs that agents may start.
 *
 * @param commands entries such as `uvx` or `npx -y some-server`: with arguments, only calls that start with
 *   them are allowed
 */
export function createCommandCheck(commands: readonly string[]): CheckCommand {
  const allowed: Allowed[] = commands.map((entry) => entry.split(/\s+/).filter((part) => part !== ''))

  return (command, args) => {
    const call = [command, ...args]
    if (allowed.some((entry) => entry.length > 0 && entry.every((part, at) => call[at] === part))) {
      return undefined
    }
    const isNamed = allowed.some(([name]) => name === command)
    return isNamed
      ? `the command ${command} is not allowed with these arguments; BELLWIRE_MCP_COMMANDS lists which are`
      : `the command ${command} is not allowed; the operator can allow it in BELLWIRE_MCP_COMMANDS`
  }
}
