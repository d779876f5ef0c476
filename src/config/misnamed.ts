import { editDistance, nearest } from './nearest.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Whatever begins so is meant for us. */
const OURS = 'BELLWIRE_'

/** Nobody else is known to use it, so a name that is only roughly like ours is meant for us, too. */
const LIKELY_OURS = 'LOCAL_MODEL_'

/** What Kubernetes puts into every container beside a service that is called "bellwire". */
const SERVICE_LINK = /^BELLWIRE_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//

/**
 * Finds variables that are settings in all but name. Those that begin with BELLWIRE_ are all meant for us; of others
 * only near misses of a setting that is not set itself count, for they may belong to other programs. Gives one
 * message for each.
 */
export function findMisnamed(env: Environment, known: readonly string[]): string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    if (value.trim() === '' || known.includes(name) || isServiceLink(name, value)) return []
    if (name.startsWith(OURS)) return misnamedOurs(name, known)
    const suggestion = known.find((setting) => !env[setting]?.trim() && isNearMiss(name, setting))
    if (suggestion === undefined) return []
    return [`There is no setting ${name}; did you mean ${suggestion}? Rename it, or unset it for Bellwire.`]
  })
}

function misnamedOurs(name: string, known: readonly string[]): string[] {
  const bare = name.slice(OURS.length)
  const suggestion = known.includes(bare) ? bare : nearest(name, known)
  const advice = suggestion ? `did you mean ${suggestion}?` : 'docs/configuration.md lists them all.'
  return [`There is no setting ${name}; ${advice}`]
}

function isServiceLink(name: string, value: string): boolean {
  return SERVICE_LINK.test(name) || (name === 'BELLWIRE_PORT' && SERVICE_ADDRESS.test(value))
}

/** Whether a name is that of a setting, with other underscores or case, or a slip of the keyboard. */
function isNearMiss(name: string, setting: string): boolean {
  if (name.startsWith(LIKELY_OURS) && nearest(name, [setting])) return true
  const [letters, wanted] = [lettersOf(name), lettersOf(setting)]
  if (letters === wanted) return true
  // A second key, such as OPENAI_API_KEY_2, is none of ours.
  if (/\d$/.test(letters)) return false
  const distance = editDistance(letters, wanted)
  // PORT and HOST are one letter away from other words: only two that have changed places count there.
  if (wanted.length < 8) return distance === 1 && sorted(letters) === sorted(wanted)
  return distance <= (wanted.length < 15 ? 1 : 2)
}

function lettersOf(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
}

function sorted(text: string): string {
  return text.split('').toSorted().join('')
}
