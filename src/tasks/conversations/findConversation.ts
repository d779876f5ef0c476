import type { Database } from '../../db/database.ts'

/** Finds the key and the name of a conversation by its id. */
export async function findConversation(
  db: Database,
  id: string,
): Promise<{ key: string; name: string } | undefined> {
  const { rows } = await db.pool.query<{ key: string; name: string }>({
    name: 'conversation_find',
    text: 'select key, name from bellwire.conversations where id = $1',
    values: [id],
  })
  return rows[0]
}
