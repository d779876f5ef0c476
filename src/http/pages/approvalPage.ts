import { answerFields, onlyChoice, type AnswerField } from '../../contract/answerFields.ts'
import type { Approval } from '../../tasks/approvals/approvals.ts'
import { askPage } from './askPage.ts'
import { escapeHtml } from './escapeHtml.ts'

/** In a form, the name of a field of the answer begins like this. */
export const ANSWER_PREFIX = 'answer.'

/**
 * The page of an approval or a question: it shows what is to be decided, and its buttons decide.
 *
 * @param options.key the key of the link, for the forms
 * @param options.complaint what was wrong with an answer
 */
export function approvalPage(
  approval: Approval,
  { key, complaint }: { key: string | undefined; complaint?: string | undefined },
): ReturnType<typeof askPage> {
  if (approval.state !== 'waiting') return decidedPage(approval)
  const actions: Actions = { approve: actionOf('approve', key), deny: actionOf('deny', key) }
  const error = complaint === undefined ? '' : `<p class="error" role="alert">${escapeHtml(complaint)}</p>`
  const until = approval.expires_at
    ? `<p>It will be ${approval.question === null ? 'denied' : 'closed'} automatically on ${approval.expires_at.toUTCString()}.</p>`
    : ''
  const content = approval.question === null ? callForm(approval, actions) : questionForm(approval, actions)
  return askPage(
    approval.question === null ? 'approve a call' : 'answer a question',
    `${content(error)}${until}`,
    complaint === undefined ? 200 : 422,
  )
}

/** What a link shows, and a form gets, once it is decided. */
function decidedPage({ state, question, tool, agent_name: agent }: Approval): ReturnType<typeof askPage> {
  const what =
    question === null
      ? `The call to <code>${escapeHtml(tool)}</code> by the agent ${escapeHtml(agent)}`
      : `The question from the agent ${escapeHtml(agent)}`
  return askPage(
    'decided',
    `<h1>${HEADINGS[state]}</h1><p>${what} ${question === null ? SAID[state] : ANSWERED[state]}</p>`,
  )
}

const HEADINGS: Record<Approval['state'], string> = {
  waiting: 'Waiting',
  approved: 'Done',
  denied: 'Done',
  expired: 'Too late',
  cancelled: 'Nothing to decide',
}

const SAID: Record<Approval['state'], string> = {
  waiting: 'is waiting for a decision.',
  approved: 'has been approved.',
  denied: 'has been denied.',
  expired: 'was not decided in time, so it was denied.',
  cancelled: 'is no longer needed: the task was cancelled.',
}

const ANSWERED: Record<Approval['state'], string> = {
  waiting: 'is waiting for an answer.',
  approved: 'has been answered.',
  denied: 'has been declined.',
  expired: 'was not answered in time, so it was closed.',
  cancelled: 'is no longer open: the task was cancelled.',
}

type Actions = { approve: string; deny: string }

/** Relative to the address of the page, so that a base path of the public URL is kept. */
function actionOf(action: keyof Actions, key: string | undefined): string {
  return escapeHtml(key === undefined ? action : `${action}?key=${encodeURIComponent(key)}`)
}

function callForm({ agent_name: agent, tool, arguments: args }: Approval, { approve, deny }: Actions) {
  return (error: string): string => `<h1>Approve this call?</h1>
<p>The agent ${escapeHtml(agent)} wants to call <code>${escapeHtml(tool)}</code> with:</p>
<pre>${escapeHtml(JSON.stringify(args, null, 2))}</pre>${error}
<form method="post" action="${approve}"><button class="go">Approve</button></form>
<form method="post" action="${deny}"><label>Reason, for the agent (optional)<input name="reason" maxlength="2000"></label>
<button>Deny</button></form>`
}

function questionForm({ agent_name: agent, question, parameters }: Approval, { approve, deny }: Actions) {
  const choice = onlyChoice(parameters)
  const form = choice
    ? choice.choices.map(({ value, label }) => choiceButton(choice.name, value, label)).join('\n')
    : `${answerFields(parameters).map(inputOf).join('\n')}<button class="go">Send answer</button>`
  return (error: string): string => `<h1>${escapeHtml(agent)} has a question</h1>
<p class="text">${escapeHtml(question ?? '')}</p>${error}
<form method="post" action="${approve}">${form}</form>
<form method="post" action="${deny}"><label>Or decline to answer, with a reason (optional)<input name="reason" maxlength="2000"></label>
<button class="plain">Decline</button></form>`
}

function choiceButton(name: string, value: string, label: string): string {
  return `<button class="go" name="${nameOf(name)}" value="${escapeHtml(value)}">${escapeHtml(label)}</button>`
}

function inputOf(field: AnswerField): string {
  const { label, description, required } = field
  const hint = description === undefined ? '' : `<br><small>${escapeHtml(description)}</small>`
  const needed = required ? '' : ' (optional)'
  return `<label>${escapeHtml(label)}${needed}${hint}${controlOf(field)}</label>`
}

function controlOf({ name, kind, choices, required, suggested }: AnswerField): string {
  const attributes = `name="${nameOf(name)}"${required && kind !== 'boolean' ? ' required' : ''}`
  const chosen = new Set([suggested].flat())
  switch (kind) {
    case 'choice':
    case 'choices': {
      const none = kind === 'choice' && !required ? '<option></option>' : ''
      const options = choices.map(
        ({ value, label }) =>
          `<option value="${escapeHtml(value)}"${chosen.has(value) ? ' selected' : ''}>${escapeHtml(label)}</option>`,
      )
      return `<select ${attributes}${kind === 'choices' ? ' multiple' : ''}>${none}${options.join('')}</select>`
    }
    case 'boolean':
      return ` <input type="checkbox" value="true" ${attributes}${suggested === true ? ' checked' : ''}>`
    case 'number':
      return `<input type="number" step="any" ${attributes}${valueOf(suggested)}>`
    case 'text':
      return `<textarea rows="3" ${attributes}>\n${textOf(suggested)}</textarea>`
    case 'json':
      return `<textarea rows="4" placeholder="JSON" ${attributes}>\n${textOf(suggested)}</textarea>`
  }
}

function nameOf(name: string): string {
  return escapeHtml(`${ANSWER_PREFIX}${name}`)
}

function valueOf(suggested: unknown): string {
  return suggested === undefined ? '' : ` value="${textOf(suggested)}"`
}

function textOf(suggested: unknown): string {
  if (suggested === undefined) return ''
  return escapeHtml(typeof suggested === 'string' ? suggested : JSON.stringify(suggested))
}
