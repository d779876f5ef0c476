import { Editor } from '../../../components/editor/Editor.tsx'
import { useMemo } from 'react'
import { FormSection } from '../../../components/FormSection.tsx'
import { previewMarks } from '../draft/previewMarks.ts'
import { PromptPreview } from '../draft/PromptPreview.tsx'
import { useSample } from '../draft/sampleContext.ts'
import { usePreview } from '../draft/usePreview.ts'
import { editorField, type FieldsProps } from './props.ts'

/** What the agent should do, and how a request is presented to it. */
export function Instructions(props: FieldsProps) {
  const { form } = props
  const completion = useSample()?.completion
  const state = usePreview(form)
  const { preview } = state
  // Made of a new preview only: what is typed meanwhile moves the marks along.
  const [ofInstructions, ofMessage] = useMemo(
    () => [
      previewMarks(preview, 'instructions', form.instructions),
      previewMarks(preview, 'message', form.message),
    ],
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- see above
    [preview],
  )
  return (
    <FormSection
      title="Behaviour"
      about={
        <>
          What it should do, and how. Liquid templates can use <code>payload</code>, <code>request</code>,{' '}
          <code>agent</code> and <code>now</code>.
        </>
      }
    >
      <Editor
        label="Instructions"
        language="liquid"
        required
        minRows={8}
        maxRows={24}
        marks={ofInstructions}
        sample={completion}
        {...editorField(props, 'instructions')}
      />
      <Editor
        label="Message"
        language="liquid"
        description={
          <>
            How a request is presented to the model. If empty, a lone <code>question</code> is passed through
            as is; anything else as JSON, marked as external data.
          </>
        }
        placeholder="A new issue was opened: {{ payload.issue.title }}"
        minRows={3}
        maxRows={16}
        marks={ofMessage}
        sample={completion}
        {...editorField(props, 'message')}
      />
      <PromptPreview state={state} />
    </FormSection>
  )
}
