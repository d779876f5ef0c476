import type { Webhook } from '../../api/types.ts'
import type { ReadNumber } from './webhookForm.ts'

/** Which requests belong together, as a person edits it. */
export type ConversationForm = Record<'key' | 'while_running' | 'keep_days', string>
export type CoalesceForm = Record<'key' | 'window_seconds' | 'max', string>

export function toConversationForm(conversation: Webhook['conversation']): ConversationForm {
  return {
    key: conversation?.key ?? '',
    while_running: conversation?.while_running ?? 'queue',
    keep_days: String(conversation?.keep_days ?? ''),
  }
}

export function conversationOf(form: ConversationForm, number: ReadNumber): unknown {
  if (form.key.trim() === '') return null
  return {
    key: form.key,
    while_running: form.while_running,
    ...(form.keep_days.trim() === '' ? {} : { keep_days: number('conversation/keep_days', form.keep_days) }),
  }
}

export function toCoalesceForm(coalesce: Webhook['coalesce']): CoalesceForm {
  return {
    key: coalesce?.key ?? '',
    window_seconds: String(coalesce?.window_seconds ?? ''),
    max: String(coalesce?.max ?? ''),
  }
}

export function coalesceOf(form: CoalesceForm, number: ReadNumber): unknown {
  if (form.key.trim() === '') return null
  return {
    key: form.key,
    window_seconds: number('coalesce/window_seconds', form.window_seconds),
    ...(form.max.trim() === '' ? {} : { max: number('coalesce/max', form.max) }),
  }
}
