import type { Api } from '../app/api.ts'
import type { Log } from '../telemetry/log.ts'

/**
 * Prints a text that contains the admin key, if there is one to display, and records that it was displayed once the
 * text is written. Never throws.
 */
export async function printWithKey(
  text: string,
  api: Pick<Api, 'adminKey' | 'confirmAdminKey'>,
  log: Log,
): Promise<void> {
  try {
    await print(text)
    if (api.adminKey !== undefined) await api.confirmAdminKey()
  } catch (error) {
    log.warn({ err: error }, 'the admin key may be shown again at the next start')
  }
}

function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })
}
