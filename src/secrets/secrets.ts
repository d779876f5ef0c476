import type { AgentConfig } from '../contract/agent.ts'
import { SecretName } from '../contract/secret.ts'
import type { Database } from '../db/database.ts'
import { onlyRow } from '../db/onlyRow.ts'
import { BellwireError } from '../errors.ts'
import { toPage, type Page, type PageRequest } from '../db/page.ts'
import { secretsUsedBy } from './secretUse.ts'
import type { Vault } from './vault.ts'

export type Secret = { name: string; createdAt: Date; updatedAt: Date }

/** `usedBy`: agents whose latest revision refers to the secret in a tool, or whose webhooks reply with it. */
export type SecretWithUse = Secret & { usedBy: { agentId: string; name: string }[] }

/** Named values for tools. Write-only, except for a run. */
export type Secrets = {
  put(name: string, value: string): Promise<Secret>
  /** By name; `after` is a name. */
  list(page: PageRequest): Promise<Page<SecretWithUse>>
  /** @throws BellwireError `secret_not_found` */
  delete(name: string): Promise<void>
  /** The value, for a run that needs it. */
  read(name: string): Promise<string | undefined>
}

const SHOWN = 'name, created_at as "createdAt", updated_at as "updatedAt"'

export function createSecrets({ db, vault }: { db: Database; vault: Vault }): Secrets {
  async function readUse(): Promise<Map<string, SecretWithUse['usedBy']>> {
    const { rows } = await db.pool.query<{ agentId: string; name: string; config: AgentConfig }>(
      `select a.id as "agentId", a.name, r.config from bellwire.agents a
        join bellwire.agent_revisions r on r.agent_id = a.id and r.revision = a.revision
        where a.deleted_at is null and r.config::text like '%secrets%'
        order by a.name, a.id`,
    )
    const replying = await db.pool.query<{ agentId: string; name: string; secret: string }>(
      `select distinct a.id as "agentId", a.name, w.options -> 'reply' ->> 'secret' as secret
        from bellwire.webhooks w join bellwire.agents a on a.id = w.agent_id
        where a.deleted_at is null and w.options -> 'reply' ->> 'secret' is not null`,
    )
    const use = new Map<string, SecretWithUse['usedBy']>()
    const add = (secret: string, { agentId, name }: SecretWithUse['usedBy'][number]): void => {
      const users = use.get(secret) ?? []
      if (!users.some((user) => user.agentId === agentId)) use.set(secret, [...users, { agentId, name }])
    }
    for (const { config, ...agent } of rows)
      for (const secret of secretsUsedBy(config.tools)) add(secret, agent)
    for (const { secret, ...agent } of replying.rows) add(secret, agent)
    return use
  }

  return {
    async put(name, value) {
      const ciphertext = vault.encrypt(value, context(name))
      return onlyRow(
        await db.pool.query<Secret>(
          `insert into bellwire.secrets (name, ciphertext) values ($1, $2)
            on conflict (name) do update set ciphertext = excluded.ciphertext, updated_at = now()
            returning ${SHOWN}`,
          [name, ciphertext],
        ),
      )
    },

    async list({ limit, after }) {
      const { rows } = await db.pool.query<Secret>(
        `select ${SHOWN} from bellwire.secrets where $1::text is null or name > $1 order by name limit $2`,
        [after ?? null, limit + 1],
      )
      const use = await readUse()
      return toPage(rows, {
        limit,
        name: (row) => row.name,
        show: (row) => ({ ...row, usedBy: use.get(row.name) ?? [] }),
      })
    },

    async delete(name) {
      // An invalid name may also be text that the database rejects.
      if (!SecretName.safeParse(name).success) throw new BellwireError('secret_not_found')
      const { rowCount } = await db.pool.query('delete from bellwire.secrets where name = $1', [name])
      if (rowCount === 0) throw new BellwireError('secret_not_found')
    },

    async read(name) {
      const { rows } = await db.pool.query<{ ciphertext: Buffer }>({
        name: 'secret_read',
        text: 'select ciphertext from bellwire.secrets where name = $1',
        values: [name],
      })
      return rows[0] && vault.decrypt(rows[0].ciphertext, context(name))
    },
  }
}

/** The context that a secret's ciphertext is bound to. */
function context(name: string): string {
  return `secret:${name}`
}
