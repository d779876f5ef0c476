import { pickedCompletion, type Completion, type CompletionSource } from '@codemirror/autocomplete'
import { completionsAt, type Option } from './completionsAt.ts'
import type { CompletionSample } from './sample.ts'

/** Offers what a template can use at the cursor. */
export function templateCompletions(readSample: () => CompletionSample | undefined): CompletionSource {
  return ({ state, pos, explicit }) => {
    const offer = completionsAt(state.doc.sliceString(0, pos), readSample() ?? {}, explicit)
    if (!offer) return null
    return {
      from: offer.from,
      options: offer.options.map(toCompletion),
      validFor: /^[\w-]*$/,
    }
  }
}

function toCompletion({ label, detail, asIndex }: Option): Completion {
  return {
    label,
    detail,
    ...(asIndex === undefined ? {} : { apply: writeIndex(asIndex) }),
  }
}

/** Writes `["a name"]` in the place of `.a name`. */
function writeIndex(text: string): Exclude<Completion['apply'], string | undefined> {
  return (view, completion, from, to) => {
    view.dispatch({
      changes: { from: from - 1, to, insert: text },
      selection: { anchor: from - 1 + text.length },
      annotations: pickedCompletion.of(completion),
      userEvent: 'input.complete',
    })
  }
}
