import { callTools, say, type Recorded, type Reply } from './modelServer.ts'

/** What `create_callback_url` has returned to a model, in the order of its calls. */
export function urlsGiven({ body }: Recorded): { id: string; url: string }[] {
  return toolTexts(body).flatMap((text) => {
    const [, id, url] = /\{"id":"([0-9a-f-]{36})","url":"([^"]+)"\}/.exec(text) ?? []
    return id !== undefined && url !== undefined ? [{ id, url }] : []
  })
}

/** The texts of all tool results that were sent to a model. */
export function toolTexts({ messages }: Recorded['body']): string[] {
  return messages.flatMap(({ role, content }) => (role === 'tool' ? [String(content)] : []))
}

/**
 * A model that creates callback URLs, waits for all of them in one step, and then answers.
 *
 * @param options.count how many
 * @param options.timeoutSeconds how long it waits for each
 * @param options.onUrls called with the URLs before it waits; the model answers when this resolves
 */
export function waitForCallbacks({
  count = 1,
  timeoutSeconds,
  onUrls,
}: {
  count?: number
  timeoutSeconds?: number
  onUrls?: (urls: { id: string; url: string }[]) => void | Promise<void>
} = {}): (request: Recorded) => Promise<Reply> {
  return async (request) => {
    const results = toolTexts(request.body).length
    if (results === 0) {
      return callTools(
        Array.from({ length: count }, (_, at) => ({
          id: `c${at}`,
          name: 'create_callback_url',
          arguments: {},
        })),
      )
    }
    const urls = urlsGiven(request)
    if (results > count) return say('All done.')
    await onUrls?.(urls)
    const timeout = timeoutSeconds === undefined ? {} : { timeout_seconds: timeoutSeconds }
    return callTools(
      urls.map(({ id }, at) => ({
        id: `w${at}`,
        name: 'wait_for_callback',
        arguments: { id, ...timeout },
      })),
    )
  }
}
