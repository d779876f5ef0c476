import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../../../api/queries.ts'
import type { Revision } from '../../../api/types.ts'

/** Who saved a revision; nothing when the server does not know. */
export function Author({ revision: { author }, by = false }: { revision: Revision; by?: boolean }) {
  const { data: session } = useQuery(sessionQuery)
  if (!author) return null
  const isMine = author.type === 'user' && author.id === session?.user?.id
  const name = isMine ? (by ? 'you' : 'You') : author.type === 'key' ? `API key ${author.name}` : author.name
  return <span>{by ? `by ${name}` : name}</span>
}
