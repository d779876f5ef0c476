import type { Webhook } from '../../api/types.ts'

type Settings = Webhook['callback']

/** A callback as a person edits it. */
export type CallbackForm = {
  url: string
  /** Comma-separated. */
  events: string
  content: string
  /** Host names, separated by commas or spaces. */
  hosts: string
}

/** Where errors of it are shown. */
export const CALLBACK_FIELDS = [
  'callback/url',
  'callback/events',
  'callback/content',
  'callback/hosts',
] as const

const LABELS: Record<string, string> = {
  url: 'Callback URL',
  events: 'Send when',
  content: 'Content',
  hosts: 'Hosts that requests may name',
}

export function labelOf(field: string): string {
  return LABELS[field] ?? field
}

export function toForm(callback: Settings): CallbackForm {
  return {
    url: callback?.url ?? '',
    events: callback?.events.toSorted().join(',') ?? 'end',
    content: callback?.content ?? 'full',
    hosts: callback?.hosts.join(', ') ?? '',
  }
}

/** The callback as the API takes it; its secret stays. */
export function fromForm(form: CallbackForm): Record<string, unknown> {
  return {
    url: form.url.trim() === '' ? null : form.url.trim(),
    events: form.events.split(','),
    content: form.content,
    hosts: form.hosts.split(/[\s,]+/).filter((host) => host !== ''),
  }
}
