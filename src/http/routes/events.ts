import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import type { Authenticate } from '../../auth/authenticate.ts'
import { ActivityQuery } from '../../contract/activity.ts'
import { isId } from '../../db/id.ts'
import { BellwireError } from '../../errors.ts'
import { matches, type Activity, type ActivityFilter } from '../../watch/activity.ts'
import type { ActivityFeed } from '../../watch/activityFeed.ts'
import { decodePosition, encodePosition, type Position } from '../../watch/position.ts'
import { admitOperator } from '../plumbing/operators.ts'
import { checkAgentId } from '../plumbing/checkAgentId.ts'
import { hiddenLinks, maskLinks } from '../plumbing/linkMask.ts'
import type { FollowerLimit } from '../plumbing/followerLimit.ts'
import { encodeEvent, openEventStream } from '../plumbing/sse.ts'
import { problems } from '../problems/problem.ts'

/** `/api/events`: everything that an operator watches, as one stream. */
export function eventRoutes({
  feed,
  followerLimit,
  authenticate,
}: {
  feed: ActivityFeed
  followerLimit: FollowerLimit
  authenticate: Authenticate
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    // Streams have no end of their own: the server would wait for them.
    app.addHook('preClose', (closed) => {
      feed.stop()
      closed()
    })

    app.get(
      '/api/events',
      {
        schema: {
          operationId: 'followEvents',
          tags: ['Tasks'],
          summary: 'Follow all tasks, approvals, failed deliveries and rejections as server-sent events',
          description:
            'One stream of what happens in the installation, from now on. Each event has an id: send the last one as ' +
            'Last-Event-ID to continue after it, on any API process; nothing is lost and nothing is repeated. ' +
            'The first event, ready, marks the start of the stream.',
          querystring: ActivityQuery,
          produces: ['text/event-stream'],
          response: problems(422),
        },
      },
      async (request, reply) => {
        const filter = toFilter(request.query)
        const from = readPosition(request.headers['last-event-id'])
        const leaveLimit = followerLimit.enter(request.ip)
        let leave = (): void => {}
        try {
          const { position, resumed } = await feed.open(from)
          const close = (): void => {
            leave()
            leaveLimit()
          }
          const stream = openEventStream(reply, close, () => admitOperator(request, authenticate))
          let sent = encodePosition(position)
          stream.write(encodeEvent({ id: sent, event: 'ready', data: { resumed } }))
          leave = feed.follow(position, {
            onEvents(events) {
              const wanted = events.filter((event) => matches(filter, event))
              const last = wanted.at(-1)
              if (!last) return
              sent = encodePosition(last.position)
              stream.write(maskLinks(wanted.map(encode).join(''), hiddenLinks(request)))
            },
            onPosition(reached) {
              const id = encodePosition(reached)
              if (id === sent) return
              sent = id
              // Without data it is no event, but clients remember the id.
              stream.write(`id: ${id}\n\n`)
            },
            ready: stream.drained,
            onError: stream.destroy,
            onEnd: stream.end,
          })
          if (!stream.isOpen) leave()
        } catch (error) {
          leaveLimit()
          throw error
        }
        return reply
      },
    )
    done()
  }
}

const encoded = new WeakMap<Activity, string>()

/** All followers receive the same events: each is encoded once. */
function encode(event: Activity): string {
  const known = encoded.get(event)
  if (known !== undefined) return known
  const text = encodeEvent({ id: encodePosition(event.position), event: event.kind, data: event.data })
  encoded.set(event, text)
  return text
}

/** @throws BellwireError `schema_invalid` */
function readPosition(header: string | string[] | undefined): Position | undefined {
  if (typeof header !== 'string' || header === '') return undefined
  const position = decodePosition(header)
  if (position) return position
  throw new BellwireError('schema_invalid', undefined, {
    errors: [
      {
        pointer: 'Last-Event-ID',
        detail: 'is not the id of an event of this stream; omit it to start from now',
      },
    ],
  })
}

/** @throws BellwireError `agent_not_found`, `webhook_not_found` for a malformed id */
function toFilter(query: ActivityQuery): ActivityFilter {
  checkAgentId(query)
  if (query.webhook_id !== undefined && !isId(query.webhook_id)) throw new BellwireError('webhook_not_found')
  return {
    kinds: query.kind === undefined ? undefined : [query.kind].flat(),
    states: query.state === undefined ? undefined : [query.state].flat(),
    agentId: query.agent_id?.toLowerCase(),
    webhookId: query.webhook_id?.toLowerCase(),
  }
}
