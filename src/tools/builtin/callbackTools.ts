import type { CallbackUrls, ReceivedCall } from '../../contract/callbackUrl.ts'
import { createArgumentCheck } from '../schemas/argumentCheck.ts'
import { CallbackAwaited } from './callbackAwaited.ts'
import { MAX_SHOWN, parseJson } from '../httpTools/httpResult.ts'
import { ToolError, type RunTool, type ToolContext } from '../tool.ts'

/** How long a call waits by default, and at most: a day, and a year. In seconds. */
const DEFAULT_TIMEOUT = 86_400
const MAX_TIMEOUT = 31_536_000

/** The calls themselves read and write a row; when the database is down, they wait for it. */
const NO_TIMEOUT = Infinity

const CREATE =
  'Creates a URL that another system can call once, with POST, to report back to you: hand it to a build, a payment, ' +
  'a form or the like. Then call wait_for_callback with the id to wait for that call.'

const WAIT =
  'Waits until the URL with this id, from create_callback_url, has been called, and returns what came: time, content ' +
  'type, query and body. A call that came before counts. Waiting costs nothing. When the time is up first, the result ' +
  'is {"timed_out": true}. To wait for several URLs, call it for all of them at the same time.'

const NOTHING = { type: 'object', properties: {}, additionalProperties: false }

const ID_AND_TIME = {
  type: 'object',
  properties: {
    id: { type: 'string', description: 'The id that create_callback_url returned' },
    timeout_seconds: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: MAX_TIMEOUT,
      description: `How long to wait at most; a day (${DEFAULT_TIMEOUT}) by default`,
    },
  },
  required: ['id'],
  additionalProperties: false,
}

/** The built-in tools `create_callback_url` and `wait_for_callback`. */
export function createCallbackTools(): RunTool[] {
  const nothing = createArgumentCheck(NOTHING)
  const idAndTime = createArgumentCheck(ID_AND_TIME)
  const common = { access: 'read', idempotent: true, isRecorded: true, timeoutSeconds: NO_TIMEOUT } as const
  return [
    {
      ...common,
      name: 'create_callback_url',
      description: CREATE,
      sample: { id: 'simulated', url: 'https://simulated.invalid/' },
      parameters: NOTHING,
      check: nothing.check,
      async call(_args, context) {
        const created = await urlsOf(context).create(context.idempotencyKey)
        if (!created) throw new ToolError('This task has too many callback URLs: use those that it has.')
        return created
      },
    },
    {
      ...common,
      name: 'wait_for_callback',
      description: WAIT,
      parameters: ID_AND_TIME,
      check: idAndTime.check,
      async call(args, context) {
        const { id, timeout_seconds: seconds = DEFAULT_TIMEOUT } = idAndTime.read(args) as Wait
        const found = await urlsOf(context).read(id)
        if (!found) {
          throw new ToolError(
            'There is no callback URL with this id. Use the id that create_callback_url returned.',
          )
        }
        // Also when the time was up just before: what was acknowledged counts.
        if (found.call) return describe(found.call)
        if (context.timedOut) return { timed_out: true }
        throw new CallbackAwaited(id, seconds)
      },
    },
  ]
}

type Wait = { id: string; timeout_seconds?: number }

function urlsOf({ callbackUrls }: ToolContext): CallbackUrls {
  if (!callbackUrls) throw new ToolError('Callback URLs are not available here.')
  return callbackUrls
}

/** What came, for the model, at a limited length. */
function describe({ calledAt, contentType, query, body }: ReceivedCall): object {
  return {
    received_at: calledAt.toISOString(),
    ...(contentType === null ? {} : { content_type: contentType }),
    ...(Object.keys(query).length === 0 ? {} : { query }),
    ...(body === undefined ? {} : toBody(body)),
  }
}

/** A body whose JSON is too long, or too deep to be handed on, is shown as text. */
function toBody(json: string): { body: unknown; note?: string } {
  const value = parseJson(json)
  if (json.length <= MAX_SHOWN && value !== undefined) return { body: value }
  const text = typeof value === 'string' ? value : json
  if (text.length <= MAX_SHOWN) return { body: text }
  return {
    body: text.slice(0, MAX_SHOWN).toWellFormed(),
    note: `The body is truncated: these are the first ${MAX_SHOWN} of ${text.length} characters.`,
  }
}
