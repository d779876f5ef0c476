import type { Revision } from '../../../api/types.ts'

/** Who saved a revision; nothing when the server does not know. */
export function Author({ revision: { author }, by = false }: { revision: Revision; by?: boolean }) {
  if (!author) return null
  const name = author.type === 'key' ? `API key ${author.name}` : author.name
  return <span>{by ? `by ${name}` : name}</span>
}
