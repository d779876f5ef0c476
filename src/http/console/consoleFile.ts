import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BellwireError } from '../../errors.ts'

const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Compressed copies that the build lays beside a file, best first. */
const ENCODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
]

/** Letters, digits, - and _ with single dots between: no name leads out of its folder. */
const NAME = /^[\w-]+(?:\.[\w-]+)*\.(js|css|svg)$/

/**
 * Answers with a file of the built console, in the smallest form that the browser takes.
 *
 * @throws BellwireError `not_found`
 */
export async function sendConsoleFile(
  { headers }: Pick<FastifyRequest, 'headers'>,
  reply: FastifyReply,
  { folder, name, cacheControl }: { folder: string; name: string; cacheControl: string },
): Promise<FastifyReply> {
  const type = TYPES[NAME.exec(name)?.[1] ?? '']
  if (type === undefined) throw new BellwireError('not_found')
  const path = join(folder, name)
  void reply.type(type).headers({ 'cache-control': cacheControl, vary: 'accept-encoding' })

  const taken = takenEncodings(headers['accept-encoding'])
  for (const encoding of ENCODINGS.filter((each) => taken.has(each.name))) {
    const content = await read(path + encoding.ending)
    if (content) return reply.header('content-encoding', encoding.name).send(content)
  }
  const content = await read(path)
  if (content) return reply.send(content)
  reply.removeHeader('content-type')
  throw new BellwireError('not_found', undefined, { headers: { 'cache-control': 'no-store' } })
}

/** The names in an `Accept-Encoding` header (RFC 9110), without those that it rules out by a weight of zero. */
function takenEncodings(header: string | string[] | undefined): Set<string> {
  const parts = [header ?? []].flat().join(',').toLowerCase().split(',')
  return new Set(
    parts
      .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
      .map((part) => part.split(';', 1)[0]?.trim() ?? ''),
  )
}

async function read(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined)
}
