/** Key of the owner of the data that the console keeps in this browser. */
const KEY = 'bellwire-owner'

/** Written after signing out: the data that remains still belongs to the same person. */
const SIGNED_OUT = 'out:'

/** Who is signed in, as far as this tab knows. */
let owner: string | undefined

/**
 * Notes who is signed in.
 *
 * @param who the id of the user, or another name for somebody without a user account
 * @returns whether the browser held, or may have held, data of somebody else until now
 */
export function takeBrowser(who: string): boolean {
  owner = who
  const before = read()?.replace(SIGNED_OUT, '')
  write(who)
  return before !== who
}

/** Notes that nobody is signed in now. */
export function leaveBrowser(): void {
  if (owner !== undefined) write(SIGNED_OUT + owner)
  owner = undefined
}

/**
 * Whether this tab may keep data here: not after somebody has signed out, or signed in as another person, in another
 * tab.
 */
export function isOwnBrowser(): boolean {
  return owner !== undefined && read() === owner
}

function read(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}

function write(text: string): void {
  try {
    localStorage.setItem(KEY, text)
  } catch {
    // Storage is not available, so nothing is kept.
  }
}
