import { editDistance, nearest } from '../contract/nearest.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Every variable with this prefix is meant for Bellwire. */
const OURS = 'BELLWIRE_'

/**
 * No other program is known to use this prefix, so a name that is only roughly like a setting is meant for Bellwire,
 * too.
 */
const LIKELY_OURS = 'LOCAL_MODEL_'

/** What Kubernetes sets in every container next to a service called "bellwire". */
const SERVICE_LINK = /^BELLWIRE_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//

/**
 * Finds misspelled settings. Variables that start with BELLWIRE_ are all meant for Bellwire; of others only near misses
 * of a setting that is not set itself count, because they may belong to other programs. Returns one message per
 * variable.
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

/** Whether a name is that of a setting, with different underscores or case, or a typing error. */
function isNearMiss(name: string, setting: string): boolean {
  if (name.startsWith(LIKELY_OURS) && nearest(name, [setting])) return true
  const [letters, wanted] = [lettersOf(name), lettersOf(setting)]
  if (letters === wanted) return true
  // A second key, such as OPENAI_API_KEY_2, is not a Bellwire setting.
  if (/\d$/.test(letters)) return false
  const distance = editDistance(letters, wanted)
  // PORT and HOST are one letter away from other words: only two swapped letters count there.
  if (wanted.length < 8) return distance === 1 && sorted(letters) === sorted(wanted)
  return distance <= (wanted.length < 15 ? 1 : 2)
}

function lettersOf(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
}

function sorted(text: string): string {
  return text.split('').toSorted().join('')
}
