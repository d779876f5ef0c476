import { createContext, useContext } from 'react'

type SignOutAction = { signOut: () => void; isPending: boolean }

export const SignOutContext = createContext<SignOutAction | undefined>(undefined)

/** Signs out; for components inside the shell. */
export function useSignOut(): SignOutAction {
  const action = useContext(SignOutContext)
  if (!action) throw new Error('useSignOut must be called inside the shell')
  return action
}
