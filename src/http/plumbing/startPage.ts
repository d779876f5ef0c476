import { askPage } from './askPage.ts'

/**
 * The page that asks before it starts an agent, for browsers that open a webhook's URL.
 *
 * @param canPost whether the webhook takes the POST that the button sends; its query is the payload, as it is of a GET
 */
export function startPage(canPost: boolean): ReturnType<typeof askPage> {
  return askPage(
    'start an agent',
    canPost
      ? `<h1>Start this agent?</h1><p>This URL starts an agent with the parameters that it has.</p>
<form method="post"><button>Start the agent</button></form>`
      : `<h1>Nothing was started</h1><p>This URL starts an agent when a program calls it with GET, and not from a browser.
Whoever runs Bellwire can change that: <code>allow_navigation</code> of the webhook.</p>`,
  )
}
