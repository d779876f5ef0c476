import { randomUUID } from 'node:crypto'
import { askPage } from './askPage.ts'

/** The one field of the form. */
const KEY_FIELD = 'bellwire_idempotency_key'

const FORM = new RegExp(`^${KEY_FIELD}=([0-9a-f-]{36})$`)

/**
 * The page that asks before it starts an agent, for browsers that open a webhook's URL. Its form sends an idempotency
 * key of its own, so that a double click starts one task.
 *
 * @param canPost whether the webhook accepts the POST that the button sends; its query is the payload, as it is of a GET
 */
export function startPage(canPost: boolean): ReturnType<typeof askPage> {
  return askPage(
    'start an agent',
    canPost
      ? `<h1>Start this agent?</h1><p>This URL starts an agent with the parameters in its query.</p>
<form method="post"><input type="hidden" name="${KEY_FIELD}" value="${randomUUID()}"><button>Start the agent</button></form>`
      : `<h1>Nothing was started</h1><p>This URL starts an agent when a program calls it with GET, not when a browser opens it.
An administrator can change that with the webhook setting <code>allow_navigation</code>.</p>`,
  )
}

/** The idempotency key that the form of the page has sent; undefined for any other body. */
export function readStartKey(contentType: string | undefined, body: Buffer): string | undefined {
  if (body.length !== KEY_FIELD.length + 37 || contentType !== 'application/x-www-form-urlencoded')
    return undefined
  return FORM.exec(body.toString('latin1'))?.[1]
}
