import { ToolError } from './tool.ts'

/** Looks the value of a secret up; undefined when there is none of that name. */
export type SecretLookup = (name: string) => Promise<string | undefined>

/** A secret that a tool needs and that is not there. */
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

/** A scheme and its credentials: `Basic dXNlcjpwYXNz` is made of secrets, but holds none of them as it is. */
export function credentialsIn(value: string): string[] {
  return [value, value.slice(value.indexOf(' ') + 1)]
}
