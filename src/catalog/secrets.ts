import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Database } from '../db/database.ts'
import { agentRevisions, agents, secrets } from '../db/schema.ts'
import { BellwireError } from '../errors.ts'
import { toPage, type Page, type PageRequest } from './page.ts'
import { secretsUsedBy } from './secretUse.ts'
import type { Vault } from './vault.ts'

export type Secret = { name: string; createdAt: Date; updatedAt: Date }

/** `usedBy`: agents whose newest revision names the secret in a tool. */
export type SecretWithUse = Secret & { usedBy: { agentId: string; name: string }[] }

/** Named values that tools may use. They go in, and come out only for a run. */
export type Secrets = {
  put(name: string, value: string): Promise<Secret>
  /** By name; `after` is a name. */
  list(page: PageRequest): Promise<Page<SecretWithUse>>
  /** @throws BellwireError `secret_not_found` */
  delete(name: string): Promise<void>
  /** The value, for a run that needs it. */
  read(name: string): Promise<string | undefined>
}

export function createSecrets({ db, vault }: { db: Database; vault: Vault }): Secrets {
  const shown = { name: secrets.name, createdAt: secrets.createdAt, updatedAt: secrets.updatedAt }

  async function readUse(): Promise<Map<string, SecretWithUse['usedBy']>> {
    const rows = await db.orm
      .select({ agentId: agents.id, name: agents.name, config: agentRevisions.config })
      .from(agents)
      .innerJoin(
        agentRevisions,
        and(eq(agentRevisions.agentId, agents.id), eq(agentRevisions.revision, agents.revision)),
      )
      .where(and(isNull(agents.deletedAt), sql`${agentRevisions.config}::text like '%secrets%'`))
      .orderBy(agents.name, agents.id)
    const use = new Map<string, SecretWithUse['usedBy']>()
    for (const { agentId, name, config } of rows) {
      for (const secret of secretsUsedBy(config.tools)) {
        use.set(secret, [...(use.get(secret) ?? []), { agentId, name }])
      }
    }
    return use
  }

  return {
    async put(name, value) {
      const ciphertext = vault.encrypt(value, context(name))
      const [row] = await db.orm
        .insert(secrets)
        .values({ name, ciphertext })
        .onConflictDoUpdate({ target: secrets.name, set: { ciphertext, updatedAt: sql`now()` } })
        .returning(shown)
      if (!row) throw new Error('an upsert returns its row')
      return row
    },

    async list({ limit, after }) {
      const rows = await db.orm
        .select(shown)
        .from(secrets)
        .where(after === undefined ? undefined : gt(secrets.name, after))
        .orderBy(asc(secrets.name))
        .limit(limit + 1)
      const use = await readUse()
      return toPage(rows, {
        limit,
        name: (row) => row.name,
        show: (row) => ({ ...row, usedBy: use.get(row.name) ?? [] }),
      })
    },

    async delete(name) {
      const gone = await db.orm.delete(secrets).where(eq(secrets.name, name)).returning(shown)
      if (gone.length === 0) throw new BellwireError('secret_not_found')
    },

    async read(name) {
      const [row] = await db.orm
        .select({ ciphertext: secrets.ciphertext })
        .from(secrets)
        .where(eq(secrets.name, name))
      return row && vault.decrypt(row.ciphertext, context(name))
    },
  }
}

/** What a secret's ciphertext is bound to. */
function context(name: string): string {
  return `secret:${name}`
}
