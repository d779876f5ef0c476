/**
 * SQL of the payload of a burst: the list of the payloads of its requests.
 *
 * @param task the name of a relation with `id` and `payload` of the task that collected it
 */
export function collected(task: string): string {
  return `convert_to('{"events":[', 'UTF8') || ${task}.payload
    || coalesce((select string_agg(convert_to(',', 'UTF8') || j.payload, ''::bytea order by j.n)
      from bellwire.joined_requests j where j.task_id = ${task}.id and j.coalesced), ''::bytea)
    || convert_to(']}', 'UTF8')`
}
