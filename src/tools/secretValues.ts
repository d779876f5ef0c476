import { ToolError } from './tool.ts'

/** Reads the value of a secret; undefined when it does not exist. */
export type SecretLookup = (name: string) => Promise<string | undefined>

/** A required secret does not exist. */
export class MissingSecretError extends ToolError {
  readonly secret: string

  constructor(secret: string) {
    super(`The secret ${secret}, which this tool needs, is not set.`)
    this.name = 'MissingSecretError'
    this.secret = secret
  }
}

/** @throws MissingSecretError */
export async function readSecrets(
  names: Iterable<string>,
  secrets: SecretLookup,
): Promise<Map<string, string>> {
  const entries = await Promise.all(
    [...new Set(names)].map(async (name): Promise<[string, string]> => {
      const value = await secrets(name)
      if (value === undefined) throw new MissingSecretError(name)
      return [name, value]
    }),
  )
  return new Map(entries)
}

/** A scheme and its credentials: `Basic dXNlcjpwYXNz` is made from secrets, but contains none of them literally. */
export function credentialsIn(value: string): string[] {
  return [value, value.slice(value.indexOf(' ') + 1)]
}
