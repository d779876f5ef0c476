import { AGENT_TEMPLATES, type AgentTemplate } from './agentTemplates.ts'
import classes from './TemplateChoice.module.css'

/** Templates to start a new agent from; choosing the chosen one again takes it back. */
export function TemplateChoice({
  chosen,
  onChoose,
}: {
  chosen: AgentTemplate | undefined
  onChoose: (template: AgentTemplate | undefined) => void
}) {
  return (
    <section aria-label="Templates" className={classes.section}>
      <h2 className={classes.title}>Start from a template</h2>
      <div className={classes.cards}>
        {AGENT_TEMPLATES.map((template) => (
          <button
            key={template.id}
            type="button"
            className={classes.card}
            aria-pressed={template === chosen}
            onClick={() => onChoose(template === chosen ? undefined : template)}
          >
            <strong>{template.title}</strong>
            <span>{template.about}</span>
          </button>
        ))}
      </div>
      {chosen && (
        <p className={classes.note}>
          {chosen.webhook['source'] === undefined
            ? 'The webhook takes JSON and forms.'
            : `The webhook is set up for ${String(chosen.webhook['name'])}: set its secret after the agent is created.`}{' '}
          {chosen.schedule === undefined ? '' : 'A schedule starts the agent each weekday at 9:00 UTC. '}
          The demo model lets you try it at once; choose a real one when you have a key.
        </p>
      )}
    </section>
  )
}
