/** What a template is rendered with, as far as it is known: what is offered while one writes it. */
export type CompletionSample = {
  payload?: unknown
  request?: unknown
  agent?: unknown
}
