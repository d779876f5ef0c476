import type { Webhook } from '../../api/types.ts'
import type { ReadNumber } from './webhookForm.ts'

/** How a webhook answers, as a person edits it. */
export type RespondForm = {
  kind: 'task' | 'result' | 'template'
  wait_seconds: string
  status: string
  /** One to a line: `Name: value`. */
  headers: string
  has_body: boolean
  body: string
}

/** Where errors of it are shown. */
export const RESPOND_FIELDS = ['wait_seconds', 'status', 'headers', 'body'] as const

export function toRespondForm(respond: Webhook['respond']): RespondForm {
  const own = typeof respond === 'string' ? undefined : respond
  return {
    kind: typeof respond === 'string' ? respond : 'template',
    wait_seconds: String(own?.wait_seconds ?? 0),
    status: String(own?.status ?? 200),
    headers: Object.entries(own?.headers ?? {})
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    has_body: own?.body !== undefined,
    body: own?.body ?? '',
  }
}

/** The same as the API takes it. `fail` gets what cannot be read of the headers. */
export function respondOf(form: RespondForm, number: ReadNumber, fail: (detail: string) => void): unknown {
  if (form.kind !== 'template') return form.kind
  return {
    wait_seconds: number('respond/wait_seconds', form.wait_seconds),
    status: number('respond/status', form.status),
    headers: headersOf(form.headers, fail),
    ...(form.has_body ? { body: form.body } : {}),
  }
}

function headersOf(text: string, fail: (detail: string) => void): Record<string, string> {
  const headers: [string, string][] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const colon = line.indexOf(':')
    if (colon < 1) fail(`Write each header as "Name: value"; "${line.trim()}" has no colon.`)
    else headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
  }
  return Object.fromEntries(headers)
}
