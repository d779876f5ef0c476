import type { ReactNode } from 'react'
import type { Role } from '../api/types.ts'
import { useMay } from '../lib/useMay.ts'

/** Shows its children to people with at least this role, and others nothing, or what is `instead`. */
export function Allowed({
  least,
  instead,
  children,
}: {
  least: Role
  instead?: ReactNode
  children: ReactNode
}) {
  return useMay(least) ? children : instead
}
