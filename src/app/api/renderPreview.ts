import pLimit from 'p-limit'
import { renderInstructions, renderMessage, type PromptScope } from '../../agent/prompt/prompt.ts'
import { RunFailure } from '../../agent/runFailure.ts'
import type { Preview } from '../../contract/preview.ts'
import type { RenderPreview } from '../../http/routes/preview.ts'
import { redactText } from '../../telemetry/redact.ts'
import { describePath, hasPath, writtenPaths } from '../../tools/templates/missingPaths.ts'
import {
  checkVariables,
  parseTemplate,
  TemplateError,
  type Template,
} from '../../tools/templates/template.ts'
import { findPlace, splitPlace } from '../../tools/templates/templatePlace.ts'

/** Characters of each text that are shown. */
const MAX_SHOWN = 100_000

/** The variables that `instructions` and `message` have. */
const VARIABLES = ['payload', 'request', 'agent', 'now'] as const

type Name = 'instructions' | 'message'
type Fault = Preview['faults'][number]
type Rendered = { text: string | null; faults: Fault[]; warnings: Preview['warnings'] }

/**
 * Makes the function that renders the templates of an agent as a run does. Previews take turns, so that however many are
 * wanted, they occupy one of the threads at a time; the time and size of each are limited as in a run.
 */
export function createRenderPreview({
  isPlainPayload,
}: {
  isPlainPayload: (origin: string) => boolean
}): RenderPreview {
  const turns = pLimit(1)

  return ({ instructions, message, source, agent, taskId, signal }) =>
    turns(async () => {
      signal.throwIfAborted()
      const { payload, payloadText, request, createdAt, origin } = source
      const scope: PromptScope = {
        payload,
        payloadText,
        plainPayload: isPlainPayload(origin),
        request,
        agent,
        now: createdAt.toISOString(),
      }
      const system = await render('instructions', instructions, scope, async (template) => {
        return (await renderInstructions(template, scope)) ?? null
      })
      const user =
        message == null
          ? { text: await renderMessage(undefined, scope, taskId), faults: [], warnings: [] }
          : await render('message', message, scope, (template) => renderMessage(template, scope, taskId))
      const shown = { system: show(system.text), message: show(user.text) }
      return {
        system: shown.system.text,
        message: shown.message.text,
        truncated: (['system', 'message'] as const).filter((name) => shown[name].isCut),
        faults: [...system.faults, ...user.faults],
        warnings: [...system.warnings, ...user.warnings],
      }
    })
}

async function render(
  name: Name,
  text: string,
  scope: PromptScope,
  run: (template: Template) => Promise<string | null>,
): Promise<Rendered> {
  try {
    const template = parseTemplate(text)
    const faults = unknownVariables(name, text, template)
    return { text: await run(template), faults, warnings: missing(name, text, scope) }
  } catch (error) {
    const cause = error instanceof RunFailure ? (error.cause ?? error) : error
    if (!(cause instanceof TemplateError) && !(cause instanceof RunFailure)) throw error
    const { detail, place } = splitPlace(cause.message)
    return { text: null, faults: [faultAt(name, detail, place)], warnings: [] }
  }
}

/** An agent whose template uses other variables cannot be saved. */
function unknownVariables(name: Name, text: string, { roots }: Template): Fault[] {
  return roots.flatMap((root) => {
    const check = checkVariables([root], VARIABLES)
    return check.ok ? [] : [faultAt(name, check.detail, findPlace(text, root))]
  })
}

function missing(name: Name, text: string, scope: PromptScope): Preview['warnings'] {
  return (['payload', 'request', 'agent'] as const).flatMap((variable) =>
    writtenPaths(text, variable)
      .filter((path) => !hasPath(scope[variable], path))
      .map((path) => {
        const written = describePath(path, variable)
        const detail = `this request has no ${written}: it renders as nothing`
        return { ...faultAt(name, detail, findPlace(text, written)), path: written }
      }),
  )
}

function faultAt(template: Name, detail: string, place: { line: number; column: number } | undefined): Fault {
  return { template, detail, line: place?.line ?? null, column: place?.column ?? null }
}

/** What a payload may hold of keys and tokens is shown nowhere. */
function show(text: string | null): { text: string | null; isCut: boolean } {
  if (text === null) return { text, isCut: false }
  const isCut = text.length > MAX_SHOWN
  return { text: redactText(isCut ? text.slice(0, MAX_SHOWN).toWellFormed() : text), isCut }
}
