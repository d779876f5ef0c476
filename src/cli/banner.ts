export type BannerFacts = {
  version: string
  /** Base of the URLs in responses. */
  url: string
  /** Where the data is stored: a directory, or a description. */
  data: string
  /** Which models agents can use, in one or more lines. */
  models: string[]
  /** Present until it was displayed once. */
  adminKey: string | undefined
  /** Signs in to the console, once, within minutes. */
  consoleLink: string
  demo: { curl: string; statusUrl: string } | undefined
}

const LABEL_WIDTH = 9

/**
 * What `serve` prints when everything runs. With `styled` (a terminal) headings are bold and asides grey; without, the
 * same lines in plain text.
 */
export function renderBanner(facts: BannerFacts, { styled }: { styled: boolean }): string {
  const bold = (text: string) => (styled ? `\u001b[1m${text}\u001b[22m` : text)
  const grey = (text: string) => (styled ? `\u001b[2m${text}\u001b[22m` : text)
  const row = (label: string, value: string) => `  ${grey(label.padEnd(LABEL_WIDTH))}${value}`

  const lines = [
    '',
    `${bold('Bellwire')} ${facts.version} ${grey('is ready')}`,
    '',
    row('Address', facts.url),
    row('API docs', `${facts.url}/api/docs`),
    row('Data', facts.data),
    ...facts.models.map((line, index) => row(index === 0 ? 'Models' : '', line)),
    '',
    `  ${bold('Open the console')} ${grey('(sign-in link: works once, within 10 minutes)')}`,
    `    ${facts.consoleLink}`,
  ]
  if (facts.adminKey !== undefined) {
    lines.push('', `  ${bold('Admin key')} ${grey('(shown only once, save it)')}`, `    ${facts.adminKey}`)
  }
  if (facts.demo) {
    lines.push(
      '',
      `  ${bold('Start the demo agent')}`,
      `    ${facts.demo.curl}`,
      '',
      `  ${bold('Read its answer')} ${grey('(with the task_id from above)')}`,
      `    curl "${facts.demo.statusUrl}"`,
    )
  }
  return [...lines, '', ''].join('\n')
}
