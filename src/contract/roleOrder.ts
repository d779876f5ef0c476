/** The roles, from the least to the most: each may do what those before it may. */
export const ROLES = ['viewer', 'approver', 'editor', 'owner'] as const

/** Whether a role may do what needs at least the role `least`. */
export function hasRole(role: (typeof ROLES)[number], least: (typeof ROLES)[number]): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least)
}
