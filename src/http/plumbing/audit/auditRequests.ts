import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AuditLog, AuditObject } from '../../../auth/audit/auditLog.ts'
import { changesBetween } from '../../../auth/audit/changesBetween.ts'
import { secretChanges, type AuditedSecret } from '../../../auth/audit/secretChanges.ts'
import type { AuditChange } from '../../../contract/audit.ts'
import { isObject, type JsonObject } from '../../../contract/jsonObject.ts'
import { withoutCredentials } from '../../../contract/withoutCredentials.ts'
import type { Log } from '../../../telemetry/log.ts'
import { actorOf } from '../operators.ts'
import { auditedRoute, type AuditedRoute } from './auditedRoutes.ts'

/** An object as the audit log describes it. */
export type AuditedState = {
  name: string | null
  /** The settings whose changes are recorded. No secrets. */
  fields: object
  /** Values for which an entry only says that they changed. Otherwise their changes would leave no trace. */
  secrets?: readonly AuditedSecret[]
}

/**
 * Reads an object; undefined when it does not exist.
 *
 * @param ref.id of the object; empty when it has none yet, or is the only one of its kind
 * @param ref.agentId the `id` of the path, for objects that belong to an agent
 */
export type ReadAudited = (ref: { id: string; agentId: string }) => Promise<AuditedState | undefined>

export type AuditParts = {
  auditLog: Pick<AuditLog, 'begin' | 'complete' | 'discard'>
  /** How the objects of each kind are read; others are recorded without their fields. */
  read: Readonly<Record<string, ReadAudited>>
  log: Log
}

/** Fields of requests whose values are in no entry; an entry says that they were sent. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'value',
  'secret',
  'secrets',
  'key',
  'api_key',
  'token',
  'password',
  'current_password',
])

/** Kinds whose requests are recorded as they were sent: which tasks were replayed, how. */
const RECORDED_BODIES: ReadonlySet<string> = new Set(['task', 'delivery', 'rejection'])

type UnderWay = { entry: string; object: AuditObject; before: AuditedState | undefined }

/**
 * Records the changes of all routes that are registered after this, by hooks of these routes alone. The entry is written
 * before the handler runs, and completed before the response is sent.
 */
export function auditRequests(app: FastifyInstance, { auditLog, read, log }: AuditParts): void {
  const underWay = new WeakMap<FastifyRequest, UnderWay>()

  async function readState(request: FastifyRequest, kind: string, id: string | null) {
    const { id: agentId = '' } = request.params as { id?: string }
    return read[kind]?.({ id: id ?? '', agentId })
  }

  async function begin(request: FastifyRequest, { kind, idParam }: AuditedRoute): Promise<void> {
    const params = request.params as Record<string, string>
    const id = idParam === undefined ? null : (params[idParam] ?? null)
    const before = await readState(request, kind, id)
    const object = { kind, id, name: before?.name ?? null }
    const entry = await auditLog.begin({ ...recordedAs(request), actor: actorOf(request), object })
    underWay.set(request, { entry, object, before })
  }

  async function complete(
    request: FastifyRequest,
    { entry, object, before }: UnderWay,
    response: JsonObject,
  ) {
    const { kind } = object
    const id = object.id ?? idIn(response, kind)
    const after = request.method === 'DELETE' ? undefined : await readState(request, kind, id)
    await auditLog.complete(entry, {
      object: { kind, id, name: after?.name ?? before?.name ?? nameIn(response) ?? null },
      changes: onePerPointer([
        ...changesBetween(before?.fields, after?.fields),
        ...(after ? secretChanges(before?.secrets ?? [], after.secrets ?? []) : []),
        ...sent(request.body, kind),
      ]),
    })
  }

  async function finish(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
    const change = underWay.get(request)
    if (!change) return
    underWay.delete(request)
    try {
      if (reply.statusCode < 400) await complete(request, change, parse(payload))
      else if (reply.statusCode < 500) await auditLog.discard(change.entry)
      // Otherwise it is not known what was changed: the entry stays, without an outcome.
    } catch (error) {
      log.error({ err: error, audit_id: change.entry }, 'the outcome of a change could not be recorded')
    }
  }

  app.addHook('onRoute', (options) => {
    const { method } = options
    const route = typeof method === 'string' ? auditedRoute(method, options.url) : undefined
    if (!route) return
    options.preHandler = [...listOf(options.preHandler), (request: FastifyRequest) => begin(request, route)]
    options.onSend = [
      ...listOf(options.onSend),
      async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
        await finish(request, reply, payload)
        return payload
      },
    ]
  })
}

function listOf<Hook>(hooks: Hook | Hook[] | undefined): Hook[] {
  if (hooks === undefined) return []
  return Array.isArray(hooks) ? hooks : [hooks]
}

/** Which route an entry is about, and where the request came from. */
export function recordedAs({ method, routeOptions, ip }: FastifyRequest) {
  const { operationId = '' } = Object(routeOptions.schema) as { operationId?: string }
  const path = (routeOptions.url ?? '').replaceAll(/:(\w+)/g, '{$1}')
  return { route: `${method} ${path}`, operation: operationId, address: ip }
}

function parse(payload: unknown): JsonObject {
  if (typeof payload !== 'string' || !payload.startsWith('{')) return {}
  const value: unknown = JSON.parse(payload)
  return isObject(value) ? value : {}
}

/** The id of an object that was made. */
function idIn(response: JsonObject, kind: string): string | null {
  const made = response[kind]
  const id = response['id'] ?? (isObject(made) ? made['id'] : undefined)
  return typeof id === 'string' ? id : null
}

/** What a response calls the object. */
function nameIn(response: JsonObject): string | undefined {
  const name = response['name'] ?? response['email']
  return typeof name === 'string' ? name : undefined
}

/** The same secret may be both in the request and among the changes. */
function onePerPointer(changes: AuditChange[]): AuditChange[] {
  return changes.filter(({ pointer }, at) => changes.findIndex((one) => one.pointer === pointer) === at)
}

/** What a request has sent, where that is recorded: the names of secret fields, and the whole of some requests. */
function sent(body: unknown, kind: string): AuditChange[] {
  if (!isObject(body)) return []
  return Object.entries(body).flatMap(([name, value]) => {
    if (value === undefined || value === null) return []
    if (SECRET_FIELDS.has(name)) return [{ pointer: `/${name}` }]
    return RECORDED_BODIES.has(kind) ? changesBetween(undefined, { [name]: withoutCredentials(value) }) : []
  })
}
