import type { FastifyReply } from 'fastify'
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { etagOf, IfMatchHeaders, parseIfMatch } from '../../contract/ifMatch.ts'
import { Id } from '../../contract/name.ts'
import { PageQuery, pageOf } from '../../contract/page.ts'
import {
  AgentSchedule,
  Schedule,
  SchedulePatch,
  ScheduleSettings,
  ScheduleTriggered,
} from '../../contract/schedule.ts'
import { parseBeats } from '../../schedules/beats.ts'
import {
  scheduleVersion,
  type Schedule as StoredSchedule,
  type Schedules,
} from '../../schedules/schedules.ts'
import { empty, json } from '../openapi/responses.ts'
import { pageRequest, showPage } from '../plumbing/cursor.ts'
import { restoreSettings } from '../plumbing/restoreLinks.ts'
import { problems } from '../problems/problem.ts'

const AgentParams = z.object({ id: Id })
const ScheduleParams = z.object({ id: Id, schedule_id: Id })

/** Beats that an answer lists. */
const NEXT_BEATS = 5

/** `/api/schedules` and `/api/agents/{id}/schedules`: cron expressions that start agents. */
export function scheduleRoutes({
  schedules,
  ringNow,
}: {
  schedules: Schedules
  ringNow: (schedule: { agentId: string; id: string }) => Promise<string>
}): FastifyPluginCallbackZod {
  return (app, _options, done) => {
    app.post(
      '/api/agents/:id/schedules',
      {
        config: { exactNumbers: true },
        schema: {
          operationId: 'createSchedule',
          tags: ['Schedules'],
          summary: 'Create a schedule',
          description:
            'Starts the agent at every beat of a cron expression. After downtime, one missed beat runs.',
          params: AgentParams,
          body: ScheduleSettings,
          response: { 201: json('The new schedule', Schedule), ...problems(400, 404, 409, 413, 415, 422) },
        },
      },
      async ({ params, body }, reply) => {
        const schedule = await schedules.create(params.id, body)
        const location = `/api/agents/${schedule.agentId}/schedules/${schedule.id}`
        return reply
          .code(201)
          .headers({ location, etag: etagOf(scheduleVersion(schedule)) })
          .send(show(schedule))
      },
    )

    app.get(
      '/api/agents/:id/schedules',
      {
        schema: {
          operationId: 'listSchedules',
          tags: ['Schedules'],
          summary: 'List the schedules of an agent, newest first',
          params: AgentParams,
          querystring: PageQuery,
          response: { 200: json('A page of schedules', pageOf(Schedule)), ...problems(404, 422) },
        },
      },
      async ({ params, query }) => showPage(await schedules.list(params.id, pageRequest(query)), show),
    )

    app.get(
      '/api/schedules',
      {
        schema: {
          operationId: 'listAllSchedules',
          tags: ['Schedules'],
          summary: 'List the schedules of all agents, newest first',
          querystring: PageQuery,
          response: { 200: json('A page of schedules', pageOf(AgentSchedule)), ...problems(422) },
        },
      },
      async ({ query }) =>
        showPage(await schedules.listAll(pageRequest(query)), (schedule) => ({
          ...show(schedule),
          agent_name: schedule.agentName,
        })),
    )

    app.get(
      '/api/agents/:id/schedules/:schedule_id',
      {
        schema: {
          operationId: 'getSchedule',
          tags: ['Schedules'],
          summary: 'Get a schedule',
          params: ScheduleParams,
          response: { 200: json('The schedule', Schedule), ...problems(404) },
        },
      },
      async ({ params }, reply) => send(reply, await schedules.get(params.id, params.schedule_id)),
    )

    app.patch(
      '/api/agents/:id/schedules/:schedule_id',
      {
        config: { exactNumbers: true },
        schema: {
          operationId: 'updateSchedule',
          tags: ['Schedules'],
          summary: 'Update a schedule',
          params: ScheduleParams,
          headers: IfMatchHeaders,
          body: SchedulePatch,
          response: { 200: json('The schedule', Schedule), ...problems(400, 404, 412, 413, 415, 422) },
        },
      },
      async (request, reply) => {
        const { params, body, headers } = request
        const ifMatch = parseIfMatch(headers['if-match'])
        const { id, schedule_id: scheduleId } = params
        const patch = await restoreSettings(request, body, () => schedules.get(id, scheduleId))
        return send(reply, await schedules.update(id, scheduleId, patch, ifMatch))
      },
    )

    app.delete(
      '/api/agents/:id/schedules/:schedule_id',
      {
        schema: {
          operationId: 'deleteSchedule',
          tags: ['Schedules'],
          summary: 'Delete a schedule',
          description: 'Tasks that it has started are not affected.',
          params: ScheduleParams,
          headers: IfMatchHeaders,
          response: { 204: empty('Deleted'), ...problems(404, 412) },
        },
      },
      async ({ params, headers }, reply) => {
        await schedules.delete(params.id, params.schedule_id, parseIfMatch(headers['if-match']))
        return reply.code(204).send()
      },
    )

    app.post(
      '/api/agents/:id/schedules/:schedule_id/trigger',
      {
        schema: {
          operationId: 'triggerSchedule',
          tags: ['Schedules'],
          summary: 'Start the agent now, with the payload of a schedule',
          description:
            'The beats of the schedule are not affected. A disabled schedule can be triggered as well.',
          params: ScheduleParams,
          response: { 200: json('The task', ScheduleTriggered), ...problems(404, 409) },
        },
      },
      async ({ params }) => ({
        success: true as const,
        task_id: await ringNow({ agentId: params.id, id: params.schedule_id }),
      }),
    )
    done()
  }
}

function send(reply: FastifyReply, schedule: StoredSchedule): Schedule {
  void reply.header('etag', etagOf(scheduleVersion(schedule)))
  return show(schedule)
}

function show(schedule: StoredSchedule): Schedule {
  const { id, agentId, name, cron, timeZone, payload, overlap, enabled, nextAt, lastBeatAt } = schedule
  const later = nextAt === null ? [] : parseBeats(cron, timeZone).list(nextAt, NEXT_BEATS - 1)
  return {
    id,
    agent_id: agentId,
    name,
    cron,
    time_zone: timeZone,
    payload,
    overlap,
    enabled,
    next_beats: nextAt === null ? [] : [nextAt, ...later].map((beat) => beat.toISOString()),
    last_beat_at: lastBeatAt?.toISOString() ?? null,
    last_task_id: schedule.lastTaskId,
    last_task_state: schedule.lastTaskState,
    last_skip: schedule.lastSkip,
    version: scheduleVersion(schedule),
    created_at: schedule.createdAt.toISOString(),
    updated_at: schedule.updatedAt.toISOString(),
  }
}
