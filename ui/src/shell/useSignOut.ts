import { createContext, useContext } from 'react'

type SignOutAction = { signOut: () => void; isPending: boolean }

export const SignOutContext = createContext<SignOutAction | undefined>(undefined)

/** Signing out, for whatever is inside of the shell. */
export function useSignOut(): SignOutAction {
  const action = useContext(SignOutContext)
  if (!action) throw new Error('signing out is possible inside of the shell only')
  return action
}
