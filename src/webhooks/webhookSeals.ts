import type { Vault } from '../secrets/vault.ts'

/** Encrypts the token and the secrets of webhooks, each bound to its webhook. */
export type WebhookSeals = {
  sealToken(webhookId: string, token: string): Buffer
  openToken(webhookId: string, sealed: Buffer): string
  /** null if there are none. */
  sealSecrets(webhookId: string, secrets: readonly string[]): Buffer | null
  openSecrets(webhookId: string, sealed: Buffer | null): string[]
}

export function createWebhookSeals(vault: Vault): WebhookSeals {
  return {
    sealToken: (id, token) => vault.encrypt(token, tokenContext(id)),
    openToken: (id, sealed) => vault.decrypt(sealed, tokenContext(id)),
    sealSecrets: (id, secrets) =>
      secrets.length === 0 ? null : vault.encrypt(JSON.stringify(secrets), secretsContext(id)),
    openSecrets: (id, sealed) =>
      sealed === null ? [] : JSON.parse(vault.decrypt(sealed, secretsContext(id))),
  }
}

function tokenContext(webhookId: string): string {
  return `webhook:${webhookId}`
}

function secretsContext(webhookId: string): string {
  return `webhook-secrets:${webhookId}`
}
