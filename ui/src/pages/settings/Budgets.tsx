import { Button, Skeleton, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { ApiError } from '../../api/apiError.ts'
import { call } from '../../api/client.ts'
import { budgetQuery } from '../../api/settingsQueries.ts'
import type { InstanceBudget } from '../../api/types.ts'
import { Allowed } from '../../components/Allowed.tsx'
import { MergeChanges } from '../../components/MergeChanges.tsx'
import { FormProblem } from '../../components/FormProblem.tsx'
import { Notice, Problem } from '../../components/Notice.tsx'
import { Panel } from '../../components/Panel.tsx'
import { usd } from '../../lib/amounts.ts'
import { useMay } from '../../lib/useMay.ts'
import { mergeForms } from '../../lib/mergeForms.ts'
import { count, percent } from '../../lib/numbers.ts'
import { exactly } from '../../lib/time.ts'
import { useFormErrors } from '../../lib/useFormErrors.ts'
import { LeaveGuard } from '../agent/LeaveGuard.tsx'
import classes from './Settings.module.css'

const FIELDS = ['max_cost_usd_per_day', 'max_tokens_per_day'] as const

type Fields = Record<(typeof FIELDS)[number], string>

const LABELS: Readonly<Fields> = {
  max_cost_usd_per_day: 'Max cost a day (USD)',
  max_tokens_per_day: 'Max tokens a day',
}

/** The daily budget of the whole instance. Agents have budgets of their own, on their pages. */
export function Budgets() {
  const { data, error } = useQuery(budgetQuery)
  return (
    <Panel title="Budgets">
      <p className={classes.about}>
        For all agents together. When a limit is reached, new runs wait until the day ends or the limit is
        raised; nothing is lost. You can also set a budget for each agent on its Configure page.
      </p>
      {error && !data && <Problem error={error} />}
      {!data && !error && <Skeleton height="12rem" />}
      {data && (
        <>
          <Used budget={data} />
          <BudgetForm saved={data} />
        </>
      )}
    </Panel>
  )
}

function Used({ budget }: { budget: InstanceBudget }) {
  const { used, max_cost_usd_per_day: cost, max_tokens_per_day: tokens, resets_at: resets } = budget
  const share = (part: number, whole: number | undefined): string =>
    whole === undefined ? '' : ` (${whole === 0 ? '100%' : percent(part / whole)})`
  return (
    <dl className={classes.facts}>
      <div>
        <dt>Cost today</dt>
        <dd>
          {usd(used.cost_usd)}
          {share(Number(used.cost_usd), cost)}
        </dd>
      </div>
      <div>
        <dt>Tokens today</dt>
        <dd>
          {count(used.tokens)}
          {share(used.tokens, tokens)}
        </dd>
      </div>
      <div>
        <dt>The day ends</dt>
        <dd>{exactly(new Date(resets))}</dd>
      </div>
    </dl>
  )
}

function toForm({ max_cost_usd_per_day: cost, max_tokens_per_day: tokens }: InstanceBudget): Fields {
  return { max_cost_usd_per_day: String(cost ?? ''), max_tokens_per_day: String(tokens ?? '') }
}

function BudgetForm({ saved }: { saved: InstanceBudget }) {
  const client = useQueryClient()
  const [base, setBase] = useState(saved)
  const [form, setForm] = useState(() => toForm(saved))
  const mayChange = useMay('owner')
  const [theirs, setTheirs] = useState<InstanceBudget>()
  const [isDone, setDone] = useState(false)
  const isDirty = JSON.stringify(form) !== JSON.stringify(toForm(base))
  const save = useMutation({
    mutationFn: (body: object) =>
      call<InstanceBudget>('PUT', 'api/budget', { body, headers: { 'if-match': `"${base.version}"` } }),
    onSuccess: (budget) => {
      client.setQueryData(budgetQuery.queryKey, budget)
      setBase(budget)
      setForm(toForm(budget))
      setDone(true)
    },
    onError: async (error) => {
      if (ApiError.isOvertaken(error)) setTheirs(await call<InstanceBudget>('GET', 'api/budget'))
    },
  })
  const { errors, isMarked, rest, setOwn } = useFormErrors(save.error, FIELDS)

  function submit(event: SyntheticEvent): void {
    event.preventDefault()
    const own: Partial<Fields> = {}
    const body: Partial<Record<keyof Fields, number>> = {}
    for (const field of FIELDS) {
      const text = form[field].trim()
      if (text === '') continue
      if (/^\d+(\.\d+)?$/.test(text)) body[field] = Number(text)
      else own[field] = 'Enter a number, or leave it empty for no limit.'
    }
    setOwn(own)
    if (Object.keys(own).length === 0) save.mutate(body)
  }
  function rebase(next: Fields): void {
    if (!theirs) return
    setBase(theirs)
    setForm(next)
    setTheirs(undefined)
    save.reset()
  }
  const field = (name: keyof Fields) => ({
    label: LABELS[name],
    placeholder: 'No limit',
    inputMode: 'decimal' as const,
    value: form[name],
    readOnly: !mayChange,
    error: errors[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      setForm({ ...form, [name]: event.currentTarget.value })
      setDone(false)
    },
    'data-field': name,
  })

  return (
    <form onSubmit={submit} noValidate className={classes.settingsForm} aria-label="Daily budget">
      {theirs && (
        <MergeChanges
          title="Somebody else has changed the budget"
          merge={mergeForms(toForm(base), form, toForm(theirs))}
          theirs={toForm(theirs)}
          labelOf={(name) => LABELS[name]}
          onMerge={rebase}
          onDiscard={() => rebase(toForm(theirs))}
        />
      )}
      <div className={classes.pair}>
        <TextInput {...field('max_cost_usd_per_day')} />
        <TextInput {...field('max_tokens_per_day')} />
      </div>
      <FormProblem error={theirs ? null : save.error} isMarked={isMarked} rest={rest} />
      {isDone && <Notice tone="good" title="Saved" />}
      <Allowed least="owner" instead={<p className={classes.about}>Only owners can change this.</p>}>
        <div className={classes.actions}>
          <Button type="submit" loading={save.isPending} disabled={!isDirty || theirs !== undefined}>
            Save
          </Button>
          <Button variant="default" disabled={!isDirty} onClick={() => setForm(toForm(base))}>
            Discard
          </Button>
        </div>
      </Allowed>
      <LeaveGuard dirty={isDirty} />
    </form>
  )
}
