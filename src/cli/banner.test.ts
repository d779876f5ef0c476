import { describe, expect, it } from 'vitest'
import { renderBanner, type BannerFacts } from './banner.ts'

const FACTS: BannerFacts = {
  version: '1.2.3',
  url: 'http://localhost:7091',
  data: '/srv/data',
  models: ['demo/assistant only.', 'Set OPENAI_API_KEY.'],
  adminKey: 'bw_admin_example',
  consoleLink: 'http://localhost:7091/sign-in#code',
  demo: {
    curl: 'curl http://localhost:7091/hook',
    statusUrl: 'http://localhost:7091/status?task_id=TASK_ID',
  },
}
const ESCAPE = '\u001b'

describe('renderBanner', () => {
  it('says everything plainly where nobody watches', () => {
    const text = renderBanner(FACTS, { styled: false })
    expect(text).not.toContain(ESCAPE)
    expect(text).toMatchInlineSnapshot(`
      "
      Bellwire 1.2.3 is ready

        Address  http://localhost:7091
        API docs http://localhost:7091/api/docs
        Data     /srv/data
        Models   demo/assistant only.
                 Set OPENAI_API_KEY.

        Open the console (sign-in link: works once, within 10 minutes)
          http://localhost:7091/sign-in#code

        Admin key (shown only once, save it)
          bw_admin_example

        Start the demo agent
          curl http://localhost:7091/hook

        Read its answer (with the task_id from above)
          curl "http://localhost:7091/status?task_id=TASK_ID"

      "
    `)
  })

  it('says the same words on a terminal, with weight', () => {
    const styled = renderBanner(FACTS, { styled: true })
    expect(styled).toContain(`${ESCAPE}[1mBellwire`)
    const plain = styled.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '')
    expect(plain).toBe(renderBanner(FACTS, { styled: false }))
  })

  it('shows the key only when it was made just now, and no demo that is not there', () => {
    const text = renderBanner(
      { ...FACTS, models: [], adminKey: undefined, demo: undefined },
      { styled: false },
    )
    expect(text).not.toMatch(/key|demo|curl/i)
  })
})
