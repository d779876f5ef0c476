import { validateHeaderValue } from 'node:http'
import { jsonPointer } from '../../contract/fieldErrors.ts'
import { isBodyless, MAX_WAIT_SECONDS, type Respond } from '../../contract/respond.ts'
import { BellwireError, type FieldError } from '../../errors.ts'
import { checkTemplate, parseTemplate, TemplateError, type Template } from '../../tools/templates/template.ts'
import { lookInto } from '../lookInto.ts'
import type { CompiledRespond, Rendering, Responder } from './responder.ts'

const VARIABLES = ['task_id', 'links', 'payload', 'status', 'result'] as const
type Variable = (typeof VARIABLES)[number]
type Scope = Partial<Record<Variable, unknown>>
type Response = Extract<Rendering, { ok: true }>['response']

/** Characters of a rendered body, and of a header. */
const MAX_BODY = 1_048_576
const MAX_HEADER = 8_000

/** Larger payloads are not kept for a template while the response waits. */
const MAX_PAYLOAD_BYTES = 256 * 1024

const RESULT: Responder = { waitSeconds: MAX_WAIT_SECONDS, readsStatus: true, holdsPayload: false }

/** Finds what is wrong with the templates of a response. */
export function checkRespond(respond: Respond): FieldError[] {
  if (typeof respond === 'string') return []
  const texts = Object.entries(respond.headers).map(([name, text]) => ({
    pointer: jsonPointer(['headers', name]),
    text,
  }))
  if (respond.body !== undefined) texts.push({ pointer: '/body', text: respond.body })
  return texts.flatMap(({ pointer, text }) => {
    const check = checkTemplate(text, VARIABLES)
    return check.ok ? [] : [{ pointer: `/respond${pointer}`, detail: check.detail }]
  })
}

/**
 * Makes the responses of a webhook ready, once for all requests; undefined when it responds with the task.
 *
 * @throws BellwireError `schema_invalid` when a template is invalid
 */
export function compileRespond(respond: Respond | undefined): CompiledRespond | undefined {
  // Options that today's rules refuse are as they were stored, without what has come since.
  if (respond === undefined || respond === 'task') return undefined
  if (respond === 'result') return { waitSeconds: RESULT.waitSeconds, responderOf: () => RESULT }
  const errors = checkRespond(respond)
  if (errors.length > 0) throw new BellwireError('schema_invalid', 'The response is invalid.', { errors })
  const { wait_seconds: waitSeconds } = respond
  const { render, used } = compileTemplates(respond)
  const readsStatus = waitSeconds > 0 || used.includes('status') || used.includes('result')
  if (!used.includes('payload')) {
    const responder = {
      waitSeconds,
      readsStatus,
      holdsPayload: false,
      render: (scope: Scope) => attempt(() => render(scope)),
    }
    return { waitSeconds, responderOf: () => responder }
  }
  return {
    waitSeconds,
    responderOf(payload) {
      if (payload.json.length > MAX_PAYLOAD_BYTES) {
        return { waitSeconds, readsStatus, holdsPayload: false, render: () => Promise.resolve(TOO_LARGE) }
      }
      return {
        waitSeconds,
        readsStatus,
        holdsPayload: true,
        render: (scope) =>
          attempt(async () => render({ ...scope, payload: await lookInto(payload, () => payload.exact) })),
      }
    },
  }
}

/** Parses the templates of a response. `used`: the variables that they read. */
function compileTemplates({ status, headers, body }: Exclude<Respond, string>): {
  render: (scope: Scope) => Promise<Response>
  used: Variable[]
} {
  const headerTemplates = Object.entries(headers).map(([name, text]) => [name, parseTemplate(text)] as const)
  const bodyTemplate = isBodyless(status) || body === undefined ? undefined : parseTemplate(body)
  const templates = [
    ...headerTemplates.map(([, template]) => template),
    ...(bodyTemplate ? [bodyTemplate] : []),
  ]
  const used = VARIABLES.filter((name) => templates.some(({ roots }) => roots.includes(name)))

  return {
    used,
    async render(scope) {
      // Without the rest: small scopes are rendered at once.
      const known = Object.fromEntries(used.map((name) => [name, scope[name]]))
      const rendered: Record<string, string> = {}
      for (const [name, template] of headerTemplates) {
        rendered[name] = await renderHeader(name, template, known)
      }
      if (!bodyTemplate) return { status, headers: rendered, body: isBodyless(status) ? '' : undefined }
      return {
        status,
        headers: rendered,
        body: refuseLong('the body', await bodyTemplate.render(known), MAX_BODY),
      }
    },
  }
}

async function renderHeader(
  name: string,
  template: Template,
  scope: Record<string, unknown>,
): Promise<string> {
  const value = refuseLong(`the header ${name}`, (await template.render(scope)).trim(), MAX_HEADER)
  try {
    validateHeaderValue(name, value)
  } catch (error) {
    const detail = `the header ${name} would contain characters that headers cannot have, such as line breaks`
    throw new TemplateError(detail, { cause: error })
  }
  return value
}

function refuseLong(what: string, text: string, max: number): string {
  if (text.length <= max) return text
  throw new TemplateError(`${what} would have ${text.length} characters; the limit is ${max}`)
}

const TOO_LARGE: Rendering = {
  ok: false,
  detail: `the payload is larger than ${MAX_PAYLOAD_BYTES} bytes, the limit for templates of a response`,
}

/** What fails because of the request is said to whoever sent it. */
async function attempt(render: () => Promise<Response>): Promise<Rendering> {
  try {
    return { ok: true, response: await render() }
  } catch (error) {
    if (error instanceof TemplateError || error instanceof BellwireError) {
      return { ok: false, detail: error.message.replace(/\.$/, '') }
    }
    throw error
  }
}
