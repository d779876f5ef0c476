import type { TaskCallback, WebhookCallback } from '../contract/callback.ts'
import type { WebhookOptions } from '../contract/webhookOptions.ts'

export type Webhook = {
  id: string
  agentId: string
  name: string
  enabled: boolean
  isDefault: boolean
  /** The secret part of its URL. */
  token: string
  options: WebhookOptions
  /** What requests are verified with. Never shown. */
  secrets: string[]
  secretsUpdatedAt: Date | null
  /** Has its secret only if that was just created. */
  callback: WebhookCallback | null
  /** Grows with each change. */
  version: number
  createdAt: Date
  updatedAt: Date
}

/** Where the outcome of its tasks is sent: see src/delivery. */
export type TargetCallback = TaskCallback & { hosts: string[] }
