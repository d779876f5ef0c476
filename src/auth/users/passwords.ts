import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { createTurns } from './turns.ts'

/**
 * The cost of a hash: 2^15 blocks of 8 · 128 bytes, three times: 32 MiB and about a quarter of a second. One of the settings
 * that the OWASP Password Storage Cheat Sheet (2023) recommends for scrypt, and the one with the most memory that an
 * acknowledgement of a trigger does not notice.
 */
const COST = { logN: 15, r: 8, p: 3 }

const SALT_BYTES = 16
const HASH_BYTES = 32

/** Two at a time: they take threads that also serve files and names of hosts. Addresses take turns. */
const turns = createTurns({ atOnce: 2, maxPerOwner: 20, maxWaiting: 500 })

/** Compared when there is no hash, so that the time does not say whether the user exists. Fits no password. */
const NOBODY = format(COST, Buffer.alloc(SALT_BYTES), Buffer.alloc(HASH_BYTES))

/** A password, and the client address that sent it. */
export type SentPassword = { password: string; address: string }

/**
 * Hashes a password with scrypt and a random salt. The result holds its parameters, in the PHC string format.
 *
 * @throws BellwireError `rate_limited`
 */
export async function hashPassword(sent: SentPassword): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  return format(COST, salt, await derive(sent, salt, COST))
}

/**
 * Whether a password is the one of a hash. Takes as long when there is no hash.
 *
 * @throws BellwireError `rate_limited`
 */
export async function verifyPassword(
  sent: SentPassword,
  stored: string | null | undefined,
): Promise<boolean> {
  const { cost, salt, hash } = parse(stored ?? NOBODY)
  const given = await derive(sent, salt, cost)
  return timingSafeEqual(given, hash) && typeof stored === 'string'
}

async function derive(
  { password, address }: SentPassword,
  salt: Buffer,
  { logN, r, p }: typeof COST,
): Promise<Buffer> {
  const N = 2 ** logN
  // The same password may be typed on keyboards that compose accents differently.
  const text = password.normalize('NFKC')
  return turns(
    address,
    () =>
      new Promise<Buffer>((resolve, reject) => {
        scrypt(text, salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, hash) =>
          error ? reject(error) : resolve(hash),
        )
      }),
  )
}

function format({ logN, r, p }: typeof COST, salt: Buffer, hash: Buffer): string {
  return `$scrypt$ln=${logN},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

function parse(stored: string): { cost: typeof COST; salt: Buffer; hash: Buffer } {
  const found = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored)
  if (!found) throw new Error('a password hash has an unknown format')
  const [, logN, r, p, salt = '', hash = ''] = found
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  }
}
