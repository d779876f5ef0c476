import { useQuery } from '@tanstack/react-query'
import { hasRole } from '../../../src/contract/roleOrder.ts'
import { sessionQuery } from '../api/queries.ts'
import type { Role } from '../api/types.ts'

/** Whether whoever is signed in has at least this role. The API decides; this only hides what it would refuse. */
export function useMay(least: Role): boolean {
  const { data } = useQuery(sessionQuery)
  return data !== undefined && hasRole(data.role, least)
}
