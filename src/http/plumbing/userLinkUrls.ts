// The token is after the #: browsers do not send it, so it is in no log of a proxy.

/** The page where somebody accepts an invitation. */
export function invitationUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/invitation#${token}`
}

/** The page where a user sets a new password. */
export function resetUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/password-reset#${token}`
}
